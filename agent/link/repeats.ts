import type { LinkClock, LinkLog } from './types.ts';

const mostLines = 5;
const periodMs = 60_000;

/**
 * Writes what unknown callers cause without letting them say how much: five lines of one kind a minute, and then one line with how many there were more, or
 * they would write everything else out of a log that has a bound. `kind` must not be theirs to choose.
 */
export function createRepeats(log: Pick<LinkLog, 'warn'>, clock: LinkClock): (kind: string, write: () => void) => void {
  const periods = new Map<string, { lines: number; more: number }>();
  return (kind, write) => {
    const known = periods.get(kind);
    if (known !== undefined && known.lines >= mostLines) {
      known.more += 1;
      return;
    }
    write();
    if (known !== undefined) {
      known.lines += 1;
      return;
    }
    const period = { lines: 1, more: 0 };
    periods.set(kind, period);
    clock.after(periodMs, () => {
      periods.delete(kind);
      if (period.more > 0) log.warn(kind, { more: period.more, seconds: periodMs / 1000 });
    });
  };
}
