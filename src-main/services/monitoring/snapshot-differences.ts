import { mapInSlices } from '#kit/in-slices.ts';
import type { LiveSnapshot, Patch } from '#contract/api/monitoring.ts';

/** Rows that are written out and compared in one go. */
export const comparedPerSlice = 50;

type Texts = {
  readonly state: string;
  readonly servers: ReadonlyMap<string, string>;
  readonly jobs: ReadonlyMap<string, string>;
  readonly alerts: ReadonlyMap<string, string>;
};
const none: Texts = { state: '', servers: new Map(), jobs: new Map(), alerts: new Map() };

/**
 * What has to be told to those who know the snapshot before. Each row is written out once and compared as text with what it was; thousands of them hold
 * up nobody for longer than a slice. Ask for one snapshot after another; where `pause` throws, the next is compared with the one before that.
 */
export function createDifferences(pause: () => Promise<void>): (after: LiveSnapshot) => Promise<Patch[]> {
  let known = none;

  const table = async <Row extends { readonly id: string }>(
    before: ReadonlyMap<string, string>,
    rows: readonly Row[],
    patch: (id: string, value: Row | null) => Patch,
  ): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly patches: readonly Patch[] }> => {
    const texts = new Map<string, string>();
    const changed = await mapInSlices(rows, comparedPerSlice, pause, (row) => {
      const text = JSON.stringify(row);
      texts.set(row.id, text);
      return before.get(row.id) === text ? [] : [patch(row.id, row)];
    });
    const gone = [...before.keys()].filter((id) => !texts.has(id)).map((id) => patch(id, null));
    return { texts, patches: [...changed.flat(), ...gone] };
  };

  return async (after) => {
    const state = JSON.stringify(after.state);
    const servers = await table(known.servers, after.servers, (id, value) => ({ table: 'servers', id, value }));
    const jobs = await table(known.jobs, after.jobs, (id, value) => ({ table: 'jobs', id, value }));
    const alerts = await table(known.alerts, after.alerts, (id, value) => ({ table: 'alerts', id, value }));
    const changedState: readonly Patch[] = state === known.state ? [] : [{ table: 'state', value: after.state }];
    known = { state, servers: servers.texts, jobs: jobs.texts, alerts: alerts.texts };
    return [...changedState, ...servers.patches, ...jobs.patches, ...alerts.patches];
  };
}
