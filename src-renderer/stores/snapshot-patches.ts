import type { JobView } from '#contract/api/jobs.ts';
import type { SnapshotEvent, Patch, Alert } from '#contract/api/monitoring.ts';
import type { LiveSnapshot } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';

/** The farm as the window holds it. Maps keep their identity while nothing in them changed, so that selectors may compare by identity. */
export type SnapshotData = {
  readonly state: LiveSnapshot['state'];
  readonly servers: ReadonlyMap<string, ServerView>;
  readonly jobs: ReadonlyMap<string, JobView>;
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly sequence: number;
  /** The core's time of the newest event. */
  readonly atMs: number;
};

const byId = <Row extends { readonly id: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [row.id, row]));

function changed<Row>(
  rows: ReadonlyMap<string, Row>,
  patches: readonly { readonly id: string; readonly value: Row | null }[],
): ReadonlyMap<string, Row> {
  if (patches.length === 0) return rows;
  const next = new Map(rows);
  for (const { id, value } of patches) {
    if (value === null) next.delete(id);
    else next.set(id, value);
  }
  return next;
}

function ofTable<T extends Patch['table']>(patches: readonly Patch[], table: T): Extract<Patch, { table: T }>[] {
  return patches.filter((patch): patch is Extract<Patch, { table: T }> => patch.table === table);
}

/**
 * The farm after one event. `'gap'` when patches are missing before this one: the caller asks for a new snapshot and keeps showing
 * what it has. A repeat of what is known already changes nothing.
 */
export function applySnapshotEvent(data: SnapshotData | undefined, event: SnapshotEvent): SnapshotData | 'gap' {
  if (event.kind === 'snapshot') {
    const { state, servers, jobs, alerts } = event.mirror;
    return { state, servers: byId(servers), jobs: byId(jobs), alerts: byId(alerts), sequence: event.sequence, atMs: event.atMs };
  }
  if (data === undefined || event.sequence > data.sequence + 1) return 'gap';
  if (event.sequence <= data.sequence) return data;
  return {
    state: ofTable(event.patches, 'state').at(-1)?.value ?? data.state,
    servers: changed(data.servers, ofTable(event.patches, 'servers')),
    jobs: changed(data.jobs, ofTable(event.patches, 'jobs')),
    alerts: changed(data.alerts, ofTable(event.patches, 'alerts')),
    sequence: event.sequence,
    atMs: event.atMs,
  };
}
