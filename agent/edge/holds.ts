/** Bounds of holds. `leaseMs`: the longest that one word of the agent lasts; `holdMs`: the longest hold in all, however often it is renewed. */
export type HoldLimits = { readonly leaseMs: number; readonly holdMs: number; readonly perInstance: number; readonly inAll: number };

/**
 * A hold is a lease: whoever wants it says so again and again, so that a killed agent holds nobody for longer than 3 s. A held request costs a
 * connection and what its sender's window lets in (256 kB on HTTP/2).
 */
export const usualHoldLimits: HoldLimits = { leaseMs: 3000, holdMs: 20_000, perInstance: 256, inAll: 1024 };

/** What of an instance waits: what may change something, or everything. */
type HeldKind = 'writes' | 'all';

type Hold = {
  /** A hold gets wider, and never narrower. */
  kind: HeldKind;
  readonly beganMs: number;
  leaseEndsMs: number;
  /** Who wants it: ends with them. Undefined where nobody's end is told. */
  owner: object | undefined;
  /** It lasted its longest; nobody is held any more until it was released or its lease has ended. */
  isSpent: boolean;
  readonly waiting: Set<() => void>;
  timer: NodeJS.Timeout | undefined;
};

export type HoldEnd = 'released' | 'owner-gone' | 'lease-over' | 'longest';
/** A hold that goes to another edge process at a hand-over. */
export type PassedHold = {
  readonly instanceId: string;
  readonly leaseMs: number;
  readonly heldForMs: number;
  /** Absent: all. */
  readonly only?: 'writes' | undefined;
};
type Wanted = { readonly only?: 'writes' | 'nothing' | undefined; readonly heldForMs?: number | undefined };

type Options = {
  readonly limits?: HoldLimits;
  readonly steadyMs?: () => number;
  /** Called when a hold ended by anything but the agent's word. */
  readonly ended: (instanceId: string, how: Exclude<HoldEnd, 'released'>, waiting: number) => void;
};

/** Instances whose new requests wait at the edge for a moment. Every end lets all go, in the order in which they came. */
export class Holds {
  readonly #holds = new Map<string, Hold>();
  readonly #limits: HoldLimits;
  readonly #steadyMs: () => number;
  readonly #ended: Options['ended'];
  #inAll = 0;

  constructor({ limits = usualHoldLimits, steadyMs = () => performance.now(), ended }: Options) {
    this.#limits = limits;
    this.#steadyMs = steadyMs;
    this.#ended = ended;
  }

  /**
   * Begins a hold, extends it, or makes it wider; its owner is who said so last. False when it has lasted its longest. `only: 'nothing'` begins none.
   */
  hold(instanceId: string, leaseMs: number, owner: object | undefined, { only, heldForMs = 0 }: Wanted = {}): boolean {
    const nowMs = this.#steadyMs();
    let hold = this.#holds.get(instanceId);
    if (hold === undefined) {
      if (only === 'nothing') return true;
      hold = { kind: 'writes', beganMs: nowMs - heldForMs, leaseEndsMs: 0, owner, isSpent: false, waiting: new Set(), timer: undefined };
      this.#holds.set(instanceId, hold);
    }
    if (only === undefined) hold.kind = 'all';
    hold.owner = owner;
    hold.leaseEndsMs = nowMs + Math.max(0, Math.min(leaseMs, this.#limits.leaseMs));
    this.#look(instanceId, hold);
    return !hold.isSpent;
  }

  /** Absent is fine. `owner-gone`: whoever wanted it is. */
  release(instanceId: string, how: 'released' | 'owner-gone' = 'released'): void {
    this.#end(instanceId, how);
  }

  /** Ends what only this owner wanted. */
  releaseOf(owner: object): void {
    for (const [instanceId, hold] of this.#holds) if (hold.owner === owner) this.#end(instanceId, 'owner-gone');
  }

  isHeld(instanceId: string): boolean {
    return this.#holds.size > 0 && this.#holds.get(instanceId)?.isSpent === false;
  }

  waiting(instanceId: string): number {
    return this.#holds.get(instanceId)?.waiting.size ?? 0;
  }

  /**
   * `free`: nothing is held, go on. `full`: too many wait already. Otherwise `go` is called once, when the hold ends; not after the disposer was
   * called. `mayWrite`: it may change something.
   */
  admit(instanceId: string, go: () => void, mayWrite = true): 'free' | 'full' | (() => void) {
    if (this.#holds.size === 0) return 'free';
    const hold = this.#holds.get(instanceId);
    if (hold === undefined || hold.isSpent || (hold.kind === 'writes' && !mayWrite)) return 'free';
    if (hold.waiting.size >= this.#limits.perInstance || this.#inAll >= this.#limits.inAll) return 'full';
    hold.waiting.add(go);
    this.#inAll += 1;
    return () => {
      if (hold.waiting.delete(go)) this.#inAll -= 1;
    };
  }

  /** For the next process at a hand-over. */
  active(): PassedHold[] {
    const nowMs = this.#steadyMs();
    return [...this.#holds].map(([instanceId, { beganMs, leaseEndsMs, kind }]) => ({
      instanceId,
      leaseMs: leaseEndsMs - nowMs,
      heldForMs: nowMs - beganMs,
      ...(kind === 'writes' ? { only: kind } : {}),
    }));
  }

  close(): void {
    for (const instanceId of [...this.#holds.keys()]) this.#end(instanceId, 'released');
  }

  #look(instanceId: string, hold: Hold): void {
    clearTimeout(hold.timer);
    if (this.#holds.get(instanceId) !== hold) return;
    const nowMs = this.#steadyMs();
    const longestMs = hold.beganMs + this.#limits.holdMs;
    if (nowMs >= hold.leaseEndsMs) {
      this.#end(instanceId, 'lease-over');
      return;
    }
    if (!hold.isSpent && nowMs >= longestMs) {
      hold.isSpent = true;
      this.#ended(instanceId, 'longest', hold.waiting.size);
      this.#letGo(hold);
    }
    const nextMs = hold.isSpent ? hold.leaseEndsMs : Math.min(hold.leaseEndsMs, longestMs);
    hold.timer = setTimeout(() => this.#look(instanceId, hold), Math.max(1, Math.ceil(nextMs - nowMs)));
    hold.timer.unref();
  }

  #end(instanceId: string, how: HoldEnd): void {
    const hold = this.#holds.get(instanceId);
    if (hold === undefined) return;
    clearTimeout(hold.timer);
    this.#holds.delete(instanceId);
    if (how !== 'released' && !hold.isSpent) this.#ended(instanceId, how, hold.waiting.size);
    this.#letGo(hold);
  }

  #letGo(hold: Hold): void {
    const all = [...hold.waiting];
    hold.waiting.clear();
    this.#inAll -= all.length;
    for (const go of all) go();
  }
}
