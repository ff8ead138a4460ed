import type { ServerView } from '#contract/api/servers.ts';

export type Freshness =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'lost'; readonly atMs: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'all'; readonly count: number; readonly seconds: number }
  | { readonly kind: 'some'; readonly count: number; readonly silent: readonly string[] };

/** A server that was not heard for this long is named. */
const SILENT_MS = 30_000;
/** States in which the core already knows that nothing comes: what the desk calls an alert is not called answered here. */
const silentCodes: ReadonlySet<ServerView['condition']['code']> = new Set([
  'agent',
  'agent-hangs',
  'network',
  'agent-or-network',
  'identity',
  'left',
]);
const STEP_SECONDS = 5;

/**
 * How old what is shown is, from what servers themselves said last. `nowMs` is the core's time. Seconds are rounded up to fives, so that
 * the sentence holds still.
 */
export function freshnessOf(given: {
  readonly servers: readonly (Pick<ServerView, 'name' | 'seenAtMs'> & { readonly condition: Pick<ServerView['condition'], 'code'> })[];
  readonly atMs: number | undefined;
  readonly isOld: boolean;
  readonly nowMs: number;
}): Freshness {
  const { servers, atMs, isOld, nowMs } = given;
  if (atMs === undefined) return { kind: 'waiting' };
  if (isOld) return { kind: 'lost', atMs };
  if (servers.length === 0) return { kind: 'empty' };
  const ages = servers.map(({ name, seenAtMs = 0, condition }) => ({ name, code: condition.code, ageMs: nowMs - seenAtMs }));
  const silent = ages.filter(({ ageMs, code }) => ageMs > SILENT_MS || silentCodes.has(code)).map((age) => age.name);
  if (silent.length > 0) return { kind: 'some', count: servers.length, silent };
  const oldest = Math.max(0, ...ages.map((age) => age.ageMs));
  return { kind: 'all', count: servers.length, seconds: Math.max(1, Math.ceil(oldest / 1000 / STEP_SECONDS)) * STEP_SECONDS };
}
