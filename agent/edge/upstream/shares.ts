/** Something that a visitor holds of what there is a bounded number of. */
export type Holder = {
  /** The visitor's address, as it came. */
  readonly address: string;
  /** When it began, in milliseconds of a steady clock. */
  readonly sinceMs: number;
  /** It must make way, now. `leave` is called by it before this returns. */
  readonly makeWay: () => void;
};

/** One customer of an IPv6 provider has at least a /64: 18 quintillion addresses are one visitor. */
export function visitorOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - (tail === '' ? 0 : tail.split(':').length));
  const all = tail === undefined ? groups : [...groups, ...Array.from({ length: missing }, () => '0'), ...tail.split(':')];
  return all
    .slice(0, 4)
    .map((group) => (group === '' ? '0' : group))
    .join(':');
}

const maximumKnown = 4096;
const countAgainMs = 20;

/**
 * A bounded number of places. While there is room everybody may come; when there is none, the visitor who holds most gives up the oldest of what is
 * slow, if that is more than a quarter of all places or more than twice what the newcomer holds. So nobody is limited for nothing, an office behind
 * one address neither, and nobody can keep others out.
 */
export class Shares {
  readonly #places: number;
  readonly #slowAfterMs: number;
  readonly #nowMs: () => number;
  readonly #holders = new Set<Holder>();
  readonly #visitors = new Map<string, string>();
  /** A crowd before a full house must not cost a count each. */
  #fullUntilMs = 0;

  constructor(places: number, slowAfterMs: number, nowMs: () => number = () => performance.now()) {
    this.#places = places;
    this.#slowAfterMs = slowAfterMs;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#holders.size;
  }

  /** False when all places are taken and nobody has to make way for this one. */
  enter(holder: Holder): boolean {
    if (this.#holders.size >= this.#places && !this.#makeRoom(holder.address)) return false;
    this.#holders.add(holder);
    return true;
  }

  leave(holder: Holder): void {
    this.#holders.delete(holder);
  }

  #visitorOf(address: string): string {
    let visitor = this.#visitors.get(address);
    if (visitor === undefined) {
      if (this.#visitors.size >= maximumKnown) this.#visitors.clear();
      visitor = visitorOf(address);
      this.#visitors.set(address, visitor);
    }
    return visitor;
  }

  #makeRoom(address: string): boolean {
    const nowMs = this.#nowMs();
    if (nowMs < this.#fullUntilMs) return false;
    const slowBefore = nowMs - this.#slowAfterMs;
    const newcomer = this.#visitorOf(address);
    const byVisitor = new Map<string, { slow: number; oldest: Holder }>();
    let most: { slow: number; oldest: Holder } | undefined;
    let held = 0;
    // In the order in which they came: the first of a visitor is its oldest.
    for (const holder of this.#holders) {
      const visitor = this.#visitorOf(holder.address);
      if (visitor === newcomer) held += 1;
      if (holder.sinceMs > slowBefore) continue;
      const seen = byVisitor.get(visitor) ?? { slow: 0, oldest: holder };
      seen.slow += 1;
      byVisitor.set(visitor, seen);
      if (most === undefined || seen.slow > most.slow) most = seen;
    }
    if (most === undefined || (most.slow <= this.#places / 4 && most.slow <= 2 * held)) {
      this.#fullUntilMs = nowMs + countAgainMs;
      return false;
    }
    this.#holders.delete(most.oldest);
    most.oldest.makeWay();
    // Somebody who waited may have taken the place.
    return this.#holders.size < this.#places;
  }
}
