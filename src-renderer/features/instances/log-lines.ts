import type { LogLine } from '#contract/api/instances.ts';

export type NumberedLine = LogLine & { readonly id: string };
export type HeldLog = { readonly lines: readonly NumberedLine[]; readonly next: number };
export const emptyLog: HeldLog = { lines: [], next: 0 };

/** Enough to read back; more would make the page slow, and the whole log can be downloaded. */
export const mostLines = 2_000;

/** Adds lines at the end and lets the oldest go. Every line keeps its number, so that a row never changes its meaning. */
export function withLines(log: HeldLog, lines: readonly LogLine[]): HeldLog {
  const numbered = lines.map((line, index) => ({ ...line, id: String(log.next + index) }));
  return { lines: [...log.lines, ...numbered].slice(-mostLines), next: log.next + lines.length };
}

/** The log as a text file, UTC times first. */
export function logText(lines: readonly LogLine[]): string {
  return lines.map((line) => `${new Date(line.atMs).toISOString()} ${line.stream} ${line.text}\n`).join('');
}
