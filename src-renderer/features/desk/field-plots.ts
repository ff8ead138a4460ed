import type { Mark } from '#contract/api/base.ts';
import type { ServerView } from '#contract/api/servers.ts';

const marks: Record<string, Mark> = { g: 'good', w: 'working', a: 'warning', b: 'bad', p: 'paused', u: 'unknown' };
const order: readonly Mark[] = ['bad', 'warning', 'unknown', 'working', 'paused', 'good'];

/** The squares of a server: one letter an instance. A letter of a newer core is not known. */
export function cellsOf(field: string): readonly Mark[] {
  return [...field].map((letter) => marks[letter] ?? 'unknown');
}

/** The worst of a server and what stands on it. Work under way is no worse than good. */
export function worstOf(server: Mark, cells: readonly Mark[]): Mark {
  if (server === 'paused' && !cells.some((cell) => cell === 'bad' || cell === 'warning')) return 'paused';
  const all = new Set([server, ...cells.filter((cell) => cell === 'bad' || cell === 'warning')]);
  return order.find((mark) => all.has(mark)) ?? 'good';
}

/** The share of memory in use, measured. */
export function memoryShare(server: ServerView): number | undefined {
  const memoryBytes = server.measured?.memoryBytes;
  if (memoryBytes === undefined || server.capacity.memoryBytes <= 0) return undefined;
  return Math.min(1, memoryBytes / server.capacity.memoryBytes);
}
