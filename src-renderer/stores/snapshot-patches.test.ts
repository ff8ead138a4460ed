import { describe, expect, test } from 'vitest';
import type { SnapshotEvent, Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { applySnapshotEvent, type SnapshotData } from './snapshot-patches.ts';
import { memoByInput, sortedServers, sortedAlerts } from './snapshot-sorting.ts';

const server = (id: string, name: string): ServerView => ({ id, name }) as ServerView;
const state = { demoStep: 'none', totals: { instances: 0 }, answerSpark: [] } as unknown as SnapshotData['state'];
const snapshot = (sequence: number, servers: ServerView[] = []): SnapshotEvent => ({
  kind: 'snapshot',
  sequence,
  atMs: 1_000,
  mirror: { state, servers, jobs: [], alerts: [] },
});
const patches = (sequence: number, changes: Extract<SnapshotEvent, { kind: 'patches' }>['patches']): SnapshotEvent => ({
  kind: 'patches',
  sequence,
  atMs: 2_000,
  patches: changes,
});
const known = (event: SnapshotEvent, before?: SnapshotData): SnapshotData => {
  const data = applySnapshotEvent(before, event);
  if (data === 'gap') throw new Error('a gap was not expected');
  return data;
};

describe('the live snapshot', () => {
  test('takes a snapshot, then puts, changes and removes rows in order', () => {
    const first = known(snapshot(7, [server('1', 'Oak'), server('2', 'Elm')]));
    const second = known(
      patches(8, [
        { table: 'servers', id: '2', value: null },
        { table: 'servers', id: '3', value: server('3', 'Pine') },
        { table: 'servers', id: '1', value: server('1', 'Oak the second') },
      ]),
      first,
    );
    expect([...second.servers.values()].map((row) => row.name)).toEqual(['Oak the second', 'Pine']);
    expect(second.atMs).toBe(2_000);
    expect(first.servers.size).toBe(2);
  });

  test('keeps the identity of tables that did not change, so that their readers stay still', () => {
    const first = known(snapshot(1, [server('1', 'Oak')]));
    const second = known(patches(2, [{ table: 'state', value: { ...state, demoStep: 'agents' } }]), first);
    expect(second.servers).toBe(first.servers);
    expect(second.jobs).toBe(first.jobs);
    expect(second.state.demoStep).toBe('agents');
  });

  test('asks again when patches are missing, and when patches come before any snapshot', () => {
    const first = known(snapshot(4));
    expect(applySnapshotEvent(first, patches(6, []))).toBe('gap');
    expect(applySnapshotEvent(undefined, patches(1, []))).toBe('gap');
  });

  test('changes nothing for a repeat, and takes a lower sequence from a core that began anew', () => {
    const first = known(snapshot(4, [server('1', 'Oak')]));
    expect(applySnapshotEvent(first, patches(4, [{ table: 'servers', id: '1', value: null }]))).toBe(first);
    expect(known(snapshot(0), first).sequence).toBe(0);
  });
});

describe('orders', () => {
  test('servers by name as people count', () => {
    const rows = new Map([server('a', 'Oak 10'), server('b', 'Oak 2'), server('c', 'elm')].map((row) => [row.id, row]));
    expect(sortedServers(rows).map((row) => row.name)).toEqual(['elm', 'Oak 2', 'Oak 10']);
  });

  test('alerts worst first, then newest', () => {
    const alert = (id: string, mark: Alert['mark'], sinceMs: number): Alert => ({ id, mark, sinceMs }) as Alert;
    const rows = new Map([alert('old', 'bad', 1), alert('warn', 'warning', 9), alert('new', 'bad', 5)].map((row) => [row.id, row]));
    expect(sortedAlerts(rows).map((row) => row.id)).toEqual(['new', 'old', 'warn']);
  });

  test('a selector gives the same array while its input is the same', () => {
    const order = memoByInput((rows: ReadonlyMap<string, number>) => [...rows.values()]);
    const rows = new Map([['a', 1]]);
    expect(order(rows)).toBe(order(rows));
    expect(order(new Map(rows))).not.toBe(order(rows));
  });
});
