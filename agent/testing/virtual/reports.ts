import type { InstanceBounds } from '#contract/agent/servers.ts';

type Values = {
  readonly memoryMax: string;
  readonly memorySwapMax: string;
  readonly memoryOomGroup: string;
  readonly pidsMax: string;
  readonly cpuMax: string;
  readonly cpuWeight: string;
};
type Started = {
  readonly group: string;
  readonly values: Values;
  readonly userId: number;
  readonly bounds: InstanceBounds | undefined;
  readonly isolation: string | undefined;
};
type Worker = { readonly userId: number; readonly capabilities: string; readonly noNewPrivileges: string };
type Left = { readonly members: number; readonly ofUser: number; readonly said: number; readonly hasGroup: boolean };

/** Of an agent under one kind of service. */
type Acts = {
  readonly started: Started;
  readonly hog: { readonly exitCode: string; readonly log: string };
  readonly bomb: { readonly most: number; readonly isNeighbourServed: boolean; readonly neighbourMs: number };
  readonly successor: { readonly isSame: boolean; readonly waiting: number; readonly error: string };
  readonly removed: { readonly had: number; readonly left: Left };
  readonly stopped: { readonly groups: readonly string[] };
};
type Without<Kind extends string> = { readonly [Act in 'started' | 'successor' as `${Kind}.${Act}`]: Acts[Act] };
type ActsOf<Kind extends string> = { readonly [Act in keyof Acts as `${Kind}.${Act}`]: Acts[Act] };

/** What the virtual machine tells of itself, by name. */
export type Reports = ActsOf<'root' | 'slice' | 'manager'> &
  Without<'plain' | 'top'> & {
    readonly machine: { readonly kernel: string; readonly systemd: string; readonly isUnified: boolean; readonly controllers: string };
    readonly 'root.strangers': { readonly reached: string; readonly reachedItself: string; readonly edge: readonly Worker[] };
    readonly 'root.reloaded': { readonly values: Values };
    readonly failed: { readonly what: string };
    readonly end: Record<string, never>;
  };
