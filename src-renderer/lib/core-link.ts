import { backOffMs } from '#kit/back-off.ts';

/** One open way to a core: a socket or a port. It lives once; when it has closed, a new one is opened. */
export type OpenWay = {
  /** Carries calls of the contract library. */
  readonly link: { readonly call: (path: readonly string[], input: unknown, options: never) => Promise<unknown> };
  /** Resolves when calls may be sent; rejects when it closed before. */
  readonly opened: Promise<void>;
  /** Resolves when it has closed, for whatever reason. Never rejects. */
  readonly closed: Promise<void>;
  readonly close: () => void;
};

/** Opens a new way to the core. Must not throw: a way that cannot be opened is one whose `opened` rejects. */
export type OpenCoreWay = () => OpenWay;

export type LinkState =
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'connected'; readonly sinceMs: number }
  /** `nextTryAtMs` is when the next attempt begins by itself. */
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly attempt: number; readonly nextTryAtMs: number };

/** A call found no way to the core. Coded `LINK_LOST` by `codedFailure`. */
export class LinkLostError extends Error {
  constructor(options?: ErrorOptions) {
    super('The link to the core is lost', options);
    this.name = 'LinkLostError';
  }
}

export type CoreLink = {
  readonly state: () => LinkState;
  readonly subscribe: (listener: () => void) => () => void;
  /** The open way, waiting for one at most `patienceMs`. Throws `LinkLostError`. */
  readonly way: () => Promise<OpenWay>;
  /** Does not wait for the back-off. */
  readonly retryNow: () => void;
  readonly dispose: () => void;
};

export type Timers = {
  readonly nowMs: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
  readonly random: () => number;
};

/** The clock and timers of the page. */
export const pageTimers: Timers = {
  nowMs: Date.now,
  after: (ms, run) => {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
  random: Math.random,
};

const reconnect = { firstMs: 400, longestMs: 10_000, chance: 0.4 };
const PATIENCE_MS = 3_000;
/** A socket that neither opens nor closes (a sleeping computer, a swallowed packet) is given up. */
const OPENING_MS = 10_000;

/** The wait before the n-th new attempt, from 1: with chance in it, so that many windows do not knock at once. */
export function reconnectMs(attempt: number, random: () => number): number {
  return backOffMs(reconnect, attempt - 1, random());
}

/**
 * Keeps a way to the core open: opens it at once, and again with back-off whenever it closes.
 * Returns at once; `state` tells how it goes.
 */
export function createCoreLink(open: OpenCoreWay, timers: Timers = pageTimers): CoreLink {
  const listeners = new Set<() => void>();
  let state: LinkState = { kind: 'connecting', attempt: 1 };
  let current: OpenWay | undefined;
  let isOpen = false;
  let isDisposed = false;
  let stopTimer: (() => void) | undefined;
  let attempt = 0;
  let lostSinceMs: number | undefined;

  const enter = (next: LinkState): void => {
    state = next;
    for (const listener of [...listeners]) listener();
  };

  const failed = (way: OpenWay): void => {
    if (current !== way || isDisposed) return;
    current = undefined;
    isOpen = false;
    stopTimer?.();
    way.close();
    const nowMs = timers.nowMs();
    lostSinceMs ??= nowMs;
    const waitMs = reconnectMs(attempt, timers.random);
    stopTimer = timers.after(waitMs, begin);
    enter({ kind: 'lost', sinceMs: lostSinceMs, attempt, nextTryAtMs: nowMs + waitMs });
  };

  function begin(): void {
    if (isDisposed || current !== undefined) return;
    stopTimer?.();
    attempt += 1;
    const way = open();
    current = way;
    stopTimer = timers.after(OPENING_MS, () => failed(way));
    way.opened.then(
      () => {
        if (current !== way || isDisposed) return;
        stopTimer?.();
        attempt = 0;
        lostSinceMs = undefined;
        isOpen = true;
        enter({ kind: 'connected', sinceMs: timers.nowMs() });
      },
      () => failed(way),
    );
    way.closed.then(
      () => failed(way),
      () => failed(way),
    );
    if (lostSinceMs === undefined) enter({ kind: 'connecting', attempt });
  }

  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  begin();
  return {
    state: () => state,
    subscribe,
    way: () =>
      new Promise((resolve, reject) => {
        if (isOpen && current !== undefined) return resolve(current);
        if (isDisposed) return reject(new LinkLostError());
        const done = (): void => {
          if (!isOpen || current === undefined) return;
          unsubscribe();
          stop();
          resolve(current);
        };
        const unsubscribe = subscribe(done);
        const stop = timers.after(PATIENCE_MS, () => {
          unsubscribe();
          reject(new LinkLostError());
        });
        return undefined;
      }),
    retryNow: () => {
      if (current === undefined) begin();
    },
    dispose: () => {
      isDisposed = true;
      stopTimer?.();
      current?.close();
      current = undefined;
      isOpen = false;
      listeners.clear();
    },
  };
}
