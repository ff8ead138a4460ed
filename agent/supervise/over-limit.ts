import type { HeldInstance } from './held-instance.ts';
import { diskEndBytes, limitsOf } from './instance-limits.ts';

/** What an instance took too much of. */
type OverLimit = 'memory' | 'processes' | 'disk';
/** Told in the place of an exit code: the words of its state are by these. */
export const exitOfLimit = { memory: 'memoryLimit', processes: 'processLimit', disk: 'diskLimit' } as const;
/** `taken`: bytes, or processes. */
export type Over = { readonly what: OverLimit; readonly taken: number };
export const overLimitNote = ({ what, taken }: Over): string => `over-limit what=${what} taken=${Math.round(taken)}`;
/** What Node ends with when its heap is as large as it may be. */
const heapWords = 'JavaScript heap out of memory';
/** What was looked at of an instance, where nothing but the agent bounds it. */
export type Taken = { readonly memoryBytes?: number | undefined; readonly processes?: number | undefined };

/** Memory that the agent only watches comes and goes: so many looks in a row. */
const looksInARow = 2;
/** Pages that its processes share are counted for each of them: so far above its limit it surely is. */
const surelyShare = 1.2;

/** Watches what the system does not keep: the disk everywhere, memory where there are no groups. What the system ended is told by its own count. */
export class OverLimitWatch {
  readonly #held: HeldInstance;
  #memoryLooks = 0;
  #kills = 0;
  /** What it is being ended for, before anybody's turn. */
  #ended: Over | undefined;
  #toldKills = 0;
  /** What it had on disk when a person started it although it had too much. */
  #grantedBytes = 0;

  constructor(held: HeldInstance) {
    this.#held = held;
  }

  get #memoryKills(): number {
    return this.#held.needs.limits.memoryKills(this.#held.instanceId);
  }

  /** A process of it was begun, or taken back. */
  begin(): void {
    this.#memoryLooks = 0;
    this.#ended = undefined;
    this.#kills = this.#memoryKills;
    this.#toldKills = this.#kills;
  }

  /** A person starts it: what it has on disk by now, and a tenth of its plan more, is no reason to end it again. */
  grant(): void {
    this.#grantedBytes = this.#held.measured.diskBytes ?? 0;
  }

  /** Above this it is ended. */
  get diskEndBytes(): number {
    return diskEndBytes(this.#held.record.spec, this.#grantedBytes);
  }

  /** It has more on disk than it may. */
  get hasTooMuch(): boolean {
    return (this.#held.measured.diskBytes ?? 0) > this.diskEndBytes;
  }

  get #isUp(): boolean {
    const { state } = this.#held.process;
    return state === 'starting' || state === 'running';
  }

  /** What it has exceeded by what was measured, for which it has to be ended. */
  seen(): Over | undefined {
    if (!this.#isUp) return undefined;
    this.#tellKills();
    return this.hasTooMuch ? { what: 'disk', taken: this.#held.measured.diskBytes ?? 0 } : undefined;
  }

  /** The same of what nothing but the agent bounds. */
  seenTaken({ memoryBytes = 0, processes = 0 }: Taken): Over | undefined {
    if (!this.#isUp) return undefined;
    const limits = limitsOf(this.#held.record.spec);
    if (processes > limits.processes) return { what: 'processes', taken: processes };
    this.#memoryLooks = memoryBytes > limits.memoryBytes * surelyShare ? this.#memoryLooks + 1 : 0;
    return this.#memoryLooks >= looksInARow ? { what: 'memory', taken: memoryBytes } : undefined;
  }

  /** It is ended by us for this: so its exit is told, whatever its code is. False when that was said already. */
  ends(over: Over): boolean {
    if (this.#ended !== undefined) return false;
    this.#ended = over;
    return true;
  }

  /** Why it ended, where that was its limit; else the exit code as it is. */
  exitOf(exitCode: string): string {
    const { needs, instanceId } = this.#held;
    if (this.#ended !== undefined) return exitOfLimit[this.#ended.what];
    const wasKilled = exitCode === 'SIGKILL' || exitCode === '';
    const hasGivenUp = exitCode !== '0' && needs.logs.hasSaid(instanceId, heapWords);
    return hasGivenUp || (wasKilled && this.#memoryKills > this.#kills) ? exitOfLimit.memory : exitCode;
  }

  /** A process beside the first one was ended: the application goes on, and its log says why something of it is missing. */
  #tellKills(): void {
    const kills = this.#memoryKills;
    if (kills <= this.#toldKills) return;
    this.#toldKills = kills;
    this.#held.note('memory-killed');
  }
}
