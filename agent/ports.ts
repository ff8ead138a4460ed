import type { Sha256 } from '#contract/ids.ts';
import type { EdgeCertificate, EdgeHealth, EdgeListener, EdgeRoute, EdgeStatus, PageNote } from '#contract/agent/edge.ts';
import type { AgentInstance, AgentLogLine, InstanceSpec, NetworkAccess, QuietReport, StoppedInstance } from '#contract/agent/instances.ts';
import type { Measurements } from '#contract/agent/monitoring.ts';
import type { InstalledPackage } from '#contract/agent/packages.ts';
import type { ServerReference, ServerSigns } from '#contract/agent/servers.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import type { ProcessIdentity } from './os/host-os.ts';
import type { HostUser } from './os/identity.ts';

/**
 * What the agent's parts promise each other. `commands`, `collectors`, `supervise`, `state` and `edge` never import one another:
 * they meet here, and `agent/main.ts` puts them together.
 */

/** Which new requests of an instance wait: none, those that may change something (WebSockets too), or all. */
export type HoldWhat = 'nothing' | 'writes' | 'all';

/** What an edge has under way for one instance. Times in milliseconds. */
export type VisitorCount = {
  /** Do new requests wait? False when they have waited their longest. */
  readonly isHeld: boolean;
  /** False when an edge that still drains did not answer: there may be more. */
  readonly isComplete: boolean;
  readonly waiting: number;
  /** Requests whose answer has not begun. */
  readonly unanswered: number;
  /** Answers that have begun and may never end: downloads, event streams, WebSockets. */
  readonly answering: number;
  /** Of both: requests that may change something. Undefined where an edge that holds all at once does not tell. */
  readonly writing?: number | undefined;
  /** Since something that may have been a write was answered; absent when nothing was since the edge began. */
  readonly sinceWriteMs?: number | undefined;
};

/** The agent's hold on the edge, a process of its own that outlives the agent. Every act may be called twice. */
export interface EdgeControl {
  /**
   * Starts the edge when it does not run, adopts it when it does. Resolves when it runs: a socket that it could not open (a port that is taken) is
   * told in `listeners` and tried again. Throws `APPLICATION_DIED`.
   */
  readonly ensure: () => Promise<EdgeStatus>;
  /** Writes the route's file and tells the edge; resolves when the edge has taken it. Costs no request and no WebSocket. */
  readonly putRoute: (route: EdgeRoute) => Promise<void>;
  /** Removes the route's file and tells the edge. Absent is fine. */
  readonly removeRoute: (host: string) => Promise<void>;
  readonly routes: () => Promise<readonly EdgeRoute[]>;
  /** Writes chain and key (0600) and tells the edge; handshakes begun after this see it. */
  readonly putCertificate: (certificate: EdgeCertificate, keyPem: string) => Promise<void>;
  readonly removeCertificate: (certificateId: string) => Promise<void>;
  readonly certificates: () => Promise<readonly EdgeCertificate[]>;
  readonly status: () => Promise<EdgeStatus>;
  /**
   * Lets new requests of an instance wait at the edge for so long (at most 3 s; said again to go on, at most 20 s in all), and says what is under
   * way. They end with the lease, with `release`, and when the agent dies. Undefined when no edge runs, when it knows no holds, or does not answer
   * within a second. A hold gets wider (`what`, usually all), and never narrower. Never throws; starts no edge.
   */
  readonly hold: (instanceId: string, leaseMs: number, what?: HoldWhat) => Promise<VisitorCount | undefined>;
  /** Lets go who waits, to what the route shows now. Absent is fine. Never throws. */
  readonly release: (instanceId: string) => Promise<void>;
  /**
   * The friendly page that showed this reference, if it is among the last thousand of this server: asked of the edge that runs, else read from its file.
   * Never throws; starts no edge.
   */
  readonly findPage: (reference: string) => Promise<PageNote | undefined>;
  /** What visitors meet, as last looked at: every 5 s while the edge is wanted. Never waits. */
  readonly health: () => EdgeHealth;
  /** Called after each change of `health`; returns its disposer. */
  readonly onHealth: (listener: (health: EdgeHealth) => void) => () => void;
  /** Where it listens, as last seen; where it should, until then. Never waits. */
  readonly listeners: () => { readonly https: EdgeListener; readonly http: EdgeListener };
  /** As whom its workers reach instances; undefined where they run as the agent, and until the first `ensure`. Never waits. */
  readonly user: () => HostUser | undefined;
  /** Hands the listening sockets over to a new process that runs `bundlePath`; the old one ends when its last connection has. */
  readonly upgrade: (bundlePath: string, bundleHash: Sha256) => Promise<EdgeStatus>;
  /** Ends the edge: only for taking a server out of the farm. */
  readonly stop: () => Promise<void>;
}

/** Visitors of an instance, kept waiting while it is stopped or restarted. Never throws. */
export interface Visitors {
  /** These new requests wait from now on, a few seconds; said again to go on. Undefined when nobody can tell what is under way. */
  readonly hold: (instanceId: string, what: HoldWhat) => Promise<VisitorCount | undefined>;
  /** Resolves when the edge shows what the instance behind this host has become by now, or could not be told. */
  readonly settled: (host: string) => Promise<void>;
  readonly release: (instanceId: string) => Promise<void>;
}

/** Time, as the agent's parts see it. Tests put a clock of their own in its place. */
export interface AgentClock {
  /** UTC milliseconds. */
  readonly nowMs: () => number;
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  readonly steadyMs: () => number;
  /** Calls `act` once after `delayMs`; returns its disposer. A waiting timer never keeps the process alive. */
  readonly after: (delayMs: number, act: () => void) => () => void;
}

/** The agent's own log: JSON lines, no secrets, event names instead of sentences. */
export interface AgentLog {
  readonly info: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Something that nobody expected; answers with the reference that is shown instead of a stack. */
  readonly bug: (error: unknown, fields?: Readonly<Record<string, unknown>>) => string;
}

/** Room kept back for when the disk is full: to start with, and to clean up with. */
export interface Room {
  /** Gives some of it back; false when there is none left. Works without any room. */
  readonly release: () => boolean;
  /** Gives back until so much is free, or none is left. */
  readonly secure: (neededBytes: number) => void;
}

/** Dies here when `FARM_FAIL_POINT` names this point; does nothing anywhere else. For the tests that really kill. */
export type FailPoint = (point: string) => void;

/** Where everything of one agent lies. All absolute. */
export type AgentFolders = {
  readonly home: string;
  /** Records and secrets of the agent itself (0700). */
  readonly state: string;
  readonly uploads: string;
  /** Holds packages, instances and runtime: what users of instances must be able to reach. The home itself, or a folder elsewhere. */
  readonly open: string;
  /** Unpacked payloads by content hash; readable by instances. */
  readonly packages: string;
  /** One data folder per instance. */
  readonly instances: string;
  /** A copy of the Node that runs packages, where the agent's own lies in a folder that others may not pass. */
  readonly runtime: string;
  readonly logs: string;
  readonly ring: string;
};

/** What is kept of one instance. Holds secrets among the parameters: the file is 0600. */
export type InstanceRecord = {
  readonly spec: InstanceSpec;
  /** What is left of `spec.network` where owners took some of their agreement back. */
  readonly allowed?: NetworkAccess | undefined;
  readonly packageId: string;
  readonly port: number;
  /** The operating system's user, when it has one of its own. */
  readonly userId?: number | undefined;
  readonly wanted: 'running' | 'stopped';
  readonly process?: { readonly processId: number; readonly startMark: string; readonly startedAtMs: number } | undefined;
  readonly restarts: number;
  /** Set-up steps that were begun, and those that ended well. A begun one that did not end is done again from an empty folder. */
  readonly setupBegun: readonly string[];
  readonly setupDone: readonly string[];
  /** Set once everything of `create` was done. */
  readonly createdAtMs?: number | undefined;
};

/** Instance records on disk, held in memory. Writes are atomic; a write of the same record twice is fine. Throws `DISK_FULL`. */
export interface InstanceStore {
  readonly list: () => readonly InstanceRecord[];
  /** Instances whose record was found but could not be read: their processes are left alone until the core speaks of them. */
  readonly torn: () => readonly string[];
  readonly get: (instanceId: string) => InstanceRecord | undefined;
  /** `isNeeded`: to keep an instance running or to take it away; then a full disk's reserve is used. */
  readonly save: (record: InstanceRecord, isNeeded?: boolean) => Promise<void>;
  /** Absent is fine. */
  readonly remove: (instanceId: string) => Promise<void>;
}

export type PackageRecord = InstalledPackage & { readonly manifestJson: string };

/** Records of installed packages, by manifest and payload. Writes are atomic. Throws `DISK_FULL`. */
export interface PackageStore {
  readonly list: () => readonly PackageRecord[];
  readonly get: (manifestHash: string, payload: string) => PackageRecord | undefined;
  readonly manifest: (manifestHash: string, payload: string) => PackageManifest | undefined;
  readonly save: (record: PackageRecord) => Promise<void>;
  /** Absent is fine. */
  readonly remove: (manifestHash: string, payload: string) => Promise<void>;
}

/**
 * What instances print. Their output goes straight into files, so that it goes on while the agent is away; it is untrusted text.
 * The agent's own notes about an instance are the stream `agent`.
 */
export interface InstanceLogs {
  /** The files that a process writes to; the folder exists afterwards. */
  readonly prepare: (instanceId: string) => { readonly outPath: string; readonly errorPath: string };
  readonly note: (instanceId: string, text: string) => void;
  /** The last line that is not empty, error stream first, control characters taken out, at most 300 characters; empty when there is none. */
  readonly lastLine: (instanceId: string) => string;
  /** Did the newest process write these words among the last 16 KiB of its error stream? */
  readonly hasSaid: (instanceId: string, words: string) => boolean;
  readonly tail: (instanceId: string, lines: number) => Promise<AgentLogLine[]>;
  /** The last lines, then new ones, several at once. Reads only when asked for more, so a slow reader costs nothing. Ends with the signal. */
  readonly follow: (instanceId: string, lines: number, signal: AbortSignal | undefined) => AsyncGenerator<AgentLogLine[], void, void>;
  /**
   * Remembers when the files grew, and shortens those above their bound; from the first call, or from `prepare` on, they are bounded several times a
   * second by themselves, until they are removed. Call it with every sample, and when an application begins to answer.
   */
  readonly tend: (instanceId: string) => void;
  readonly has: (instanceId: string) => boolean;
  readonly remove: (instanceId: string) => Promise<void>;
}

export type RemovedPart = 'process' | 'folder' | 'user' | 'port' | 'log';
export type InstanceRemains = {
  readonly processIds: number[];
  readonly hasFolder: boolean;
  readonly hasUser: boolean;
  readonly isPortOpen: boolean;
  readonly hasState: boolean;
};

/** The instances of this server: set up, started, kept alive, adopted again after a restart of the agent. Every act may be called twice. */
/** Of an instance: where it is ended for what it has on disk, and its processes, whose writes tell how soon that may be. One that is gone has none. */
export type DiskOf = { readonly endBytes: number; readonly writers: readonly ProcessIdentity[] };

export interface Supervisor {
  readonly list: () => AgentInstance[];
  /** Throws `NOT_FOUND`. */
  readonly describe: (instanceId: string) => AgentInstance;
  /** Folder, user, port, files, set-up steps. Throws `NOT_FOUND` (package), `PARAMETER_INVALID`, `PORT_TAKEN`, `SETUP_FAILED`, `DISK_FULL`. */
  readonly create: (spec: InstanceSpec) => Promise<AgentInstance>;
  /** What it may reach from now on of what it was made with; the system's rules follow at once where there are any. Throws `NOT_FOUND`, `DISK_FULL`. */
  readonly allow: (instanceId: string, network: NetworkAccess) => Promise<AgentInstance>;
  /** Resolves when healthy. Throws `PORT_TAKEN`, `APPLICATION_DIED`, `APPLICATION_NOT_HEALTHY`; the instance stays wanted and is tried again. */
  readonly start: (instanceId: string) => Promise<AgentInstance>;
  /** Waits until it is quiet, at most some seconds, so that what it has acknowledged is on disk; `quiet` says how that went. */
  readonly stop: (instanceId: string) => Promise<StoppedInstance>;
  /** The same, and visitors wait until it answers again. */
  readonly restart: (instanceId: string) => Promise<StoppedInstance>;
  /** Stops it likewise first. Absent is fine. */
  readonly remove: (instanceId: string) => Promise<{ readonly removed: RemovedPart[]; readonly quiet?: QuietReport | undefined }>;
  readonly remains: (instanceId: string) => Promise<InstanceRemains>;
  /** Takes back what still runs, by process id and start time; starts what should run and does not. Once, at the start of the agent. */
  readonly adopt: () => Promise<void>;
  /** What a collector measured, to be shown with the instance. */
  readonly measured: (
    instanceId: string,
    usage: {
      readonly cpuMillicores?: number | undefined;
      readonly memoryBytes?: number | undefined;
      readonly diskBytes?: number | undefined;
    },
  ) => void;
  /** What the system does not bound, looked at more often and not shown: who takes too much is ended. One that is absent was not looked at. */
  readonly watched: (
    instanceId: string,
    taken: { readonly memoryBytes?: number | undefined; readonly processes?: number | undefined },
  ) => void;
  readonly processes: () => readonly { readonly instanceId: string; readonly processId: number; readonly startMark: string }[];
  readonly diskOf: (instanceId: string) => DiskOf;
  /** How many run without the limits of their plan, from an agent of earlier days: they get them at their next start. */
  readonly unlimited: () => number;
  /** Called after changes with the instances concerned; returns its disposer. */
  readonly onChange: (listener: (instanceId: string) => void) => () => void;
  /** Ends timers and checks. Instances live on. */
  readonly close: () => void;
}

/** Measurements: taken by a timer, kept for 24 h on disk, streamed while they are taken. */
export interface SampleSource {
  /** Everything after `sinceMs`, oldest first, at most `limit` of the server. */
  readonly since: (sinceMs: number, limit: number) => Promise<Measurements & { isComplete: boolean }>;
  /** Called with every new one; returns its disposer. */
  readonly onMeasured: (listener: (measurements: Measurements) => void) => () => void;
}

/** What a reference leads to on this server. Throws when the logs cannot be read. */
export type FindReference = (reference: string) => Promise<ServerReference>;

/** What the agent watches of its own server. */
export interface SignSource {
  readonly now: () => ServerSigns;
  /** Called after each change with all of it; returns its disposer. */
  readonly onChange: (listener: (signs: ServerSigns) => void) => () => void;
}
