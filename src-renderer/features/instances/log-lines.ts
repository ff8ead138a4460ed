import type { LogLine } from '#contract/api/instances.ts';

export type NumberedLine = LogLine & { readonly id: string };
export type HeldLog = { readonly lines: readonly NumberedLine[]; readonly next: number };
export const emptyLog: HeldLog = { lines: [], next: 0 };

/** Enough to read back; more would make the page slow, and the whole log can be downloaded. */
export const mostLines = 2_000;

/**
 * Adds lines and lets the oldest go. Every line keeps its number, so that a row never changes its meaning. A line that comes late, of a server that
 * was away, stands where it was written; lines that came together stay in their order.
 */
export function withLines(log: HeldLog, lines: readonly LogLine[]): HeldLog {
  const numbered = lines.map((line, index) => ({ ...line, id: String(log.next + index) }));
  const [first] = numbered;
  const held = log.lines;
  let from = held.length;
  if (first !== undefined) while (from > 0 && (held[from - 1]?.atMs ?? 0) > first.atMs) from -= 1;
  const late: NumberedLine[] = [];
  let next = from;
  for (const line of numbered) {
    for (let before = held[next]; before !== undefined && before.atMs <= line.atMs; before = held[next]) {
      late.push(before);
      next += 1;
    }
    late.push(line);
  }
  return { lines: [...held.slice(0, from), ...late, ...held.slice(next)].slice(-mostLines), next: log.next + lines.length };
}

export const logSources = ['all', 'application', 'agent', 'farm'] as const;
export type LogSource = (typeof logSources)[number];

/** Is a line of this source? What an application writes comes by two streams. */
export function isOf(source: LogSource, { stream }: LogLine): boolean {
  if (source === 'application') return stream === 'out' || stream === 'error';
  return source === 'all' || stream === source;
}

/** The log as a text file, UTC times first; what the farm did in the reader's language. */
export function logText(lines: readonly LogLine[], say: (line: LogLine) => string): string {
  return lines.map((line) => `${new Date(line.atMs).toISOString()} ${line.stream} ${say(line)}\n`).join('');
}
