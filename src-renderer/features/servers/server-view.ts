import type { Resources } from '#contract/api/base.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { Translate } from '#words/translate.ts';

export type ResourceName = 'cpu' | 'memory' | 'disk';
type Shares = {
  readonly now: number | null;
  readonly reserved: number;
  readonly peak: number | undefined;
  readonly state: 'warning' | undefined;
};

const fieldOf = { cpu: 'cpuMillicores', memory: 'memoryBytes', disk: 'diskBytes' } as const satisfies Record<ResourceName, keyof Resources>;
/** A meter is grey until its limit is crossed. */
const limitOf: Record<ResourceName, number> = { cpu: 0.95, memory: 0.95, disk: 0.9 };

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

/** What a server's meter shows of one resource: shares of its capacity. */
export function sharesOf(server: ServerView, resource: ResourceName): Shares {
  const field = fieldOf[resource];
  const whole = server.capacity[field];
  const measured = server.measured?.[field];
  const busiest = server.busiest?.[field];
  const now = measured === undefined ? null : share(measured, whole);
  return {
    now,
    reserved: share(server.promised[field], whole),
    peak: busiest === undefined ? undefined : share(busiest, whole),
    state: now !== null && now >= limitOf[resource] ? 'warning' : undefined,
  };
}

/** The meter in words, for a screen reader. */
export function meterSays(words: Translate, resource: ResourceName, { now, reserved, peak }: Shares): string {
  const percent = (value: number): number => Math.round(value * 100);
  if (now === null) return words('servers.list.meter.unmeasured', { resource, promised: percent(reserved) });
  const busiest = peak === undefined ? 'none' : String(percent(peak));
  return words('servers.list.meter', { resource, now: percent(now), promised: percent(reserved), busiest });
}

const systems: Readonly<Record<string, string>> = { linux: 'Linux', windows: 'Windows' };

/** `Debian 12`, `Linux 6.1`: from what the agent told. */
export function systemText({ os, osVersion }: ServerView): string {
  return /\p{L}/u.test(osVersion) ? osVersion : `${systems[os] ?? os} ${osVersion}`.trim();
}

export function stateWord(words: Translate, server: ServerView): string {
  return words(`servers.state.${server.condition.code}`);
}

/** A server's own age of what it tells: more than this and its numbers are grey. */
const OLD_MS = 30_000;

export function isOldAt(server: ServerView, nowMs: number): boolean {
  return server.seenAtMs === undefined || nowMs - server.seenAtMs > OLD_MS;
}

/** `d4:1f:…` in groups of two, as agents print it. */
export function fingerprintText(hex: string): string {
  return (hex.match(/../g) ?? []).join(':');
}
