/** What is under way to one instance. A request waits for its answer's head, then its answer is under way until it ends; a WebSocket likewise. */
export type InFlight = {
  readonly unanswered: number;
  /** Downloads, event streams, WebSockets: these may never end by themselves. */
  readonly answering: number;
  /** Of both: requests that may change something. */
  readonly writing: number;
  /** Since the last request that may have changed something was answered or ended; absent when there was none. Milliseconds. */
  readonly sinceWriteMs?: number | undefined;
};

type Counts = { unanswered: number; answering: number; writing: number; lastWriteMs: number | undefined };

/** One request on its way. Each method may be called again; what was said first counts. */
export type Passage = { readonly answered: () => void; readonly ended: () => void };

/** Methods that change nothing (RFC 9110 §9.2.1). */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

class OnTheWay implements Passage {
  readonly #counts: Counts;
  readonly #steadyMs: (() => number) | undefined;
  #state: 'unanswered' | 'answering' | 'ended' = 'unanswered';

  constructor(counts: Counts, steadyMs: (() => number) | undefined) {
    this.#counts = counts;
    this.#steadyMs = steadyMs;
    counts.unanswered += 1;
    if (steadyMs !== undefined) counts.writing += 1;
  }

  answered(): void {
    this.#leave('answering');
  }

  ended(): void {
    this.#leave('ended');
  }

  #leave(next: 'answering' | 'ended'): void {
    if (this.#state === 'ended' || this.#state === next) return;
    this.#counts[this.#state] -= 1;
    if (next === 'answering') this.#counts.answering += 1;
    this.#state = next;
    if (this.#steadyMs === undefined) return;
    this.#counts.lastWriteMs = this.#steadyMs();
    if (next === 'ended') this.#counts.writing -= 1;
  }
}

/** Counts what visitors have under way, by instance: a stop waits for it. Never forgets an instance: they are as many as had routes. */
export class Traffic {
  readonly #counts = new Map<string, Counts>();
  readonly #steadyMs: () => number;

  constructor(steadyMs: () => number = () => performance.now()) {
    this.#steadyMs = steadyMs;
  }

  begin(instanceId: string, mayWrite: boolean): Passage {
    let counts = this.#counts.get(instanceId);
    if (counts === undefined) {
      counts = { unanswered: 0, answering: 0, writing: 0, lastWriteMs: undefined };
      this.#counts.set(instanceId, counts);
    }
    return new OnTheWay(counts, mayWrite ? this.#steadyMs : undefined);
  }

  count(instanceId: string): InFlight {
    const counts = this.#counts.get(instanceId);
    if (counts === undefined) return { unanswered: 0, answering: 0, writing: 0 };
    const { unanswered, answering, writing, lastWriteMs } = counts;
    return { unanswered, answering, writing, ...(lastWriteMs === undefined ? {} : { sinceWriteMs: this.#steadyMs() - lastWriteMs }) };
  }
}
