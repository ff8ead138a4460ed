import type { UpstreamLimits } from './limits.ts';
import { type Holder, Shares, visitorOf } from './shares.ts';
import { UpstreamConnection, type UpstreamTarget } from './upstream-connection.ts';

/** A request that wants a connection. */
export type Asker = Holder & {
  /**
   * It may be sent again when a connection that had been used before turns out to be closed. What may not goes where that cannot happen: over a new
   * connection, or one that the upstream has promised to keep.
   */
  readonly isRepeatable: boolean;
  readonly onConnection: (connection: UpstreamConnection) => void;
  /** No connection became free in time, or too many wait. */
  readonly onBusy: (cause: string) => void;
};

/** An upstream that closes after an answer, whatever it promised, has done it by then. */
const settledMs = 5;
const mostIdle = 256;

/** The connections of one upstream: as many as its limits say, and a queue that has an end in number and in time. */
export class UpstreamPool {
  readonly #target: UpstreamTarget;
  readonly #limits: UpstreamLimits;
  readonly #shares: Shares;
  readonly #all = new Set<UpstreamConnection>();
  /** Who was used last is last. */
  readonly #idle: UpstreamConnection[] = [];
  readonly #waiting = new Set<Asker>();
  readonly #waitingSince = new Map<Asker, number>();
  readonly #timer: NodeJS.Timeout;
  #isClosed = false;
  #isTrusted = true;
  readonly #owner = {
    onFree: (connection: UpstreamConnection): void => this.#onFree(connection),
    onGone: (connection: UpstreamConnection): void => this.#onGone(connection),
  };

  constructor(target: UpstreamTarget, limits: UpstreamLimits) {
    this.#target = target;
    this.#limits = limits;
    this.#shares = new Shares(limits.connections, limits.slowAfterMs);
    this.#timer = setInterval(() => this.#look(), limits.lookMs);
    this.#timer.unref();
  }

  /** What is under way, and what waits. */
  get counts(): { readonly under: number; readonly waiting: number; readonly open: number } {
    return { under: this.#shares.size, waiting: this.#waiting.size, open: this.#all.size };
  }

  /** Calls `onConnection` at once or later, or `onBusy`. */
  ask(asker: Asker): void {
    if (this.#waiting.size === 0 && this.#shares.enter(asker)) {
      asker.onConnection(this.#connection(asker.isRepeatable));
      return;
    }
    if (this.#waiting.size > 0 && this.#shares.size < this.#limits.connections) this.#serveWaiting();
    if (this.#shares.enter(asker)) {
      asker.onConnection(this.#connection(asker.isRepeatable));
      return;
    }
    if (this.#waiting.size >= this.#limits.waiting || this.#waitingFrom(asker.address) >= this.#limits.waitingPerAddress) {
      asker.onBusy('too-many-wait');
      return;
    }
    this.#waiting.add(asker);
    this.#waitingSince.set(asker, performance.now());
  }

  /** It needs its place no more: answered, failed, or left while it waited. May be called again. */
  leave(asker: Asker): void {
    this.#shares.leave(asker);
    if (this.#waiting.size === 0) return;
    this.#waiting.delete(asker);
    this.#waitingSince.delete(asker);
    this.#serveWaiting();
  }

  /** What is under way goes on; what is idle ends. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.#endWhenEmpty();
  }

  #waitingFrom(address: string): number {
    const visitor = visitorOf(address);
    let count = 0;
    for (const asker of this.#waiting) if (visitorOf(asker.address) === visitor) count += 1;
    return count;
  }

  /** It closed a connection that it had promised to keep. */
  distrust(): void {
    this.#isTrusted = false;
  }

  #connection(isRepeatable: boolean): UpstreamConnection {
    const free = isRepeatable ? this.#idle.pop() : this.#promised();
    if (free !== undefined) return free;
    const connection = new UpstreamConnection(this.#target, this.#limits, this.#owner);
    this.#all.add(connection);
    return connection;
  }

  #promised(): UpstreamConnection | undefined {
    const oldest = this.#idle[0];
    const isGood = this.#isTrusted && oldest?.isPromised === true && oldest.idleMs >= settledMs;
    return isGood ? this.#idle.shift() : undefined;
  }

  #serveWaiting(): void {
    for (const asker of this.#waiting) {
      if (!this.#shares.enter(asker)) return;
      this.#waiting.delete(asker);
      this.#waitingSince.delete(asker);
      asker.onConnection(this.#connection(asker.isRepeatable));
    }
  }

  #onFree(connection: UpstreamConnection): void {
    if (this.#isClosed || this.#idle.length >= mostIdle) connection.destroy();
    else this.#idle.push(connection);
  }

  #onGone(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#endWhenEmpty();
  }

  #endWhenEmpty(): void {
    if (this.#isClosed && this.#all.size === 0 && this.#waiting.size === 0) clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    for (const connection of this.#all) connection.look(nowMs);
    if (this.#waiting.size === 0) {
      this.#endWhenEmpty();
      return;
    }
    this.#serveWaiting();
    for (const [asker, sinceMs] of this.#waitingSince) {
      if (nowMs - sinceMs < this.#limits.busyAfterMs) return;
      this.#waiting.delete(asker);
      this.#waitingSince.delete(asker);
      asker.onBusy('all-connections-taken');
    }
  }
}
