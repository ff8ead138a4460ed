import type { Clock } from '../ports/clock.ts';

/** How long an aborted act may take to let go before the job is saved as stopped without it. */
const graceMs = 5000;

export type Performance = {
  readonly clock: Clock;
  readonly cancel: AbortSignal;
  readonly timeoutMs: number;
  readonly timeout: () => Error;
};

/**
 * Runs one act under a time limit and a cancel signal. When either strikes, the act is told, given a moment to let go, and the reason is thrown.
 * An act that does not let go is handed to `onStraggler`: nothing else of its job may begin before it has ended.
 */
export async function perform<Result>(
  options: Performance,
  work: (signal: AbortSignal) => Promise<Result>,
  onStraggler: (straggler: Promise<unknown>) => void,
): Promise<Result> {
  const limit = new AbortController();
  const stopLimit = options.clock.after(options.timeoutMs, () => limit.abort(options.timeout()));
  const signal = AbortSignal.any([options.cancel, limit.signal]);
  try {
    signal.throwIfAborted();
    const working = work(signal);
    try {
      return await Promise.race([working, aborted(signal)]);
    } catch (error) {
      if (!signal.aborted) throw error;
      await letGo(options.clock, working, onStraggler);
      throw signal.reason;
    }
  } finally {
    stopLimit();
  }
}

/** Rejects with the signal's reason once it aborts; for a signal that has not. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function letGo(clock: Clock, working: Promise<unknown>, onStraggler: (straggler: Promise<unknown>) => void): Promise<void> {
  const ended = working.then(
    () => true,
    () => true,
  );
  let stop: (() => void) | undefined;
  const waited = new Promise<false>((resolve) => {
    stop = clock.after(graceMs, () => resolve(false));
  });
  if (!(await Promise.race([ended, waited]))) onStraggler(ended);
  stop?.();
}
