import type { Log } from '../../ports/request.ts';

/** The two ways in which Node tells of a failure that nobody took (https://nodejs.org/api/process.html#event-uncaughtexception). */
const events = ['unhandledRejection', 'uncaughtException'] as const;
type LateEvent = (typeof events)[number];

/** `process`, or a test's own. */
export type LateErrorSource = {
  readonly on: (event: LateEvent, listener: (error: unknown) => void) => unknown;
  readonly off: (event: LateEvent, listener: (error: unknown) => void) => unknown;
};

const mostEachMinute = 20;
const minuteMs = 60_000;

/** Nobody reads what we print any more: the terminal was closed. */
const isClosedPipe = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EPIPE';

/**
 * From now on a failure that nobody took is logged with a reference and told to `show`, and ends nothing: what the core does is saved step by
 * step, and whoever waits for an answer has a time limit. One that comes again and again is logged 20 times a minute; the next line counts
 * the others. Returns what takes it back: the process then ends as Node wants it.
 */
export function watchLateErrors(source: LateErrorSource, log: Log, nowMs: () => number, show: (reference: string) => void): () => void {
  let minute = 0;
  let told = 0;
  let untold = 0;
  const hear = (event: LateEvent, error: unknown): void => {
    if (isClosedPipe(error)) return;
    const current = Math.floor(nowMs() / minuteMs);
    if (current !== minute) [minute, told] = [current, 0];
    if (told >= mostEachMinute) {
      untold += 1;
      return;
    }
    told += 1;
    const others = untold === 0 ? {} : { untold };
    untold = 0;
    // whatever is thrown from here would end the process
    try {
      show(log.bug(error, { where: event, ...others }));
    } catch (failure) {
      log.bug(failure, { where: event });
    }
  };
  const listeners = events.map((event) => ({ event, listener: (error: unknown) => hear(event, error) }));
  for (const { event, listener } of listeners) source.on(event, listener);
  return () => {
    for (const { event, listener } of listeners) source.off(event, listener);
  };
}
