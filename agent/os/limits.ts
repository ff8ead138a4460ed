import type { ProcessIdentity } from './host-os.ts';

/** What one instance may take, all its processes together. */
export type InstanceLimits = {
  readonly memoryBytes: number;
  /** Thousandths of one core: its share where cores are scarce. Where they are idle it may take more, but never all of them. */
  readonly cpuMillicores: number;
  /** Processes and threads. */
  readonly processes: number;
  /** Of each of its processes. */
  readonly openFiles: number;
  /** Of each of its files. */
  readonly fileBytes: number;
};

/** `kept`: by the system, whatever the instance does. `watched`: the agent measures it and acts. `none`: nobody does. */
export type LimitHold = 'kept' | 'watched' | 'none';
/**
 * How limits hold here, and why not all of them are kept. `notRoot`: only root may make groups here. `noGroups`: this system has none for some of
 * them, as in many containers. `refused`: it has them and would not. `notBuilt`: not on this system.
 */
export type LimitsHere = {
  readonly memory: LimitHold;
  readonly processes: LimitHold;
  readonly cpu: LimitHold;
  readonly files: LimitHold;
  readonly reason: 'none' | 'notRoot' | 'noGroups' | 'refused' | 'notBuilt';
};

/** What a process takes on before the first instruction of its program. */
export type StartLimits = {
  /** Files of the system's groups: who writes to one is in that group, and so is all that it starts. */
  readonly entrances: readonly string[];
  readonly openFiles: number;
  readonly fileBytes: number;
  /** Of its user in all, where no group bounds them and the user is this instance's alone. */
  readonly userProcesses?: number | undefined;
};

/** Groups of the system that bound the instances of one agent, one group for each. Nothing here throws; what the system refuses is told by `here`. */
export interface LimitGroups {
  /** How limits hold now. `hasUsers`: instances run under users of their own. */
  readonly here: (hasUsers: boolean) => LimitsHere;
  /** Makes the group of an instance afresh, with nothing in it. Undefined where a start cannot be bounded. Repeatable. */
  readonly prepare: (instanceId: string, limits: InstanceLimits, hasUser: boolean) => StartLimits | undefined;
  /** Gives the group of an instance that runs other limits; false where that has to wait for its next start. */
  readonly change: (instanceId: string, limits: InstanceLimits) => boolean;
  /** Is this process bounded by its group, as far as there are groups here? */
  readonly holds: (instanceId: string, identity: ProcessIdentity) => boolean;
  /** Everything in the group of an instance, however it left its session, parent and environment. */
  readonly membersOf: (instanceId: string) => readonly ProcessIdentity[];
  /** How often the system ended a process of it because of its memory limit, since `prepare`. */
  readonly memoryKills: (instanceId: string) => number;
  /** Ends everything in the group at once, and lets nothing new begin in it. Resolves when it is empty, at most after 5 s. Absent is fine. */
  readonly end: (instanceId: string) => Promise<void>;
  /** Takes an empty group away. Absent is fine. */
  readonly remove: (instanceId: string) => Promise<void>;
  /** Ends and takes away the groups of all other instances than these, and empty ones of agents that are no more. */
  readonly sweep: (instanceIds: ReadonlySet<string>) => Promise<readonly string[]>;
}

export type OnRefused = (path: string, said: string) => void;

export interface HostLimits {
  /** Of one agent, told apart by its key. `onRefused` hears of each group that the system refuses, and what it said. */
  readonly limitGroups: (agentKey: string, onRefused?: OnRefused) => LimitGroups;
}
