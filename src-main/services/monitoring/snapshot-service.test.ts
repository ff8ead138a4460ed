import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { JobState, JobView } from '#contract/api/jobs.ts';
import { jobId } from '#contract/ids.ts';
import { idAt } from '../../drivers/store/example-rows.ts';
import { createChanges } from '../../drivers/system/changes.ts';
import type { AlertSigns, LookForAlerts } from '../../ports/alerts.ts';
import { AlertTracker } from '../../signals/alert-tracker.ts';
import { evaluators } from '../../signals/alerts/index.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { createSnapshotService } from './snapshot-service.ts';

const clock = createManualClock();
const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
const signs: AlertSigns = {
  drifts: [],
  isInOrderKnown: () => true,
  fault: undefined,
  nameServerSilentSinceMs: undefined,
  home: { path: '/farm', freeBytes: 2 ** 30, sizeBytes: 2 ** 40, state: 'good', sinceMs: 1 },
};
const alertsOf: LookForAlerts = async (gather) => {
  const views = await gather();
  const onBroken = (_code: string, _subjectId: string, error: unknown): void => expect.fail(String(error));
  return { views, alerts: new AlertTracker({ evaluators, onBroken }).look({ ...views, ...signs }, clock.nowMs()).told };
};
const jobAt = (at: number, state: JobState): JobView => ({
  id: jobId.parse(idAt(at)),
  type: 'create',
  subject: { kind: 'instance', id: idAt(at), name: `job-${at}` },
  actor: { kind: 'system' },
  state,
  direction: 'forward',
  steps: [],
  createdAtMs: at,
  ...(state === 'done' ? { endedAtMs: clock.nowMs() } : {}),
  canUndo: true,
  traces: [],
});

/** The service over a farm of which only these jobs matter. */
const snapshotsOver = (jobs: () => readonly JobView[], changes = createChanges(log)) =>
  createSnapshotService({
    changes,
    clock,
    log,
    pause: async () => undefined,
    farm: async () => ({ farm: undefined, demoStep: 'none' }),
    servers: async () => [],
    instances: () => [],
    jobs: async () => jobs(),
    certificates: async () => [],
    alerts: alertsOf,
  });

async function snapshotOf(jobs: readonly JobView[]) {
  const snapshots = snapshotsOver(() => jobs);
  const events = snapshots.watch(undefined);
  const first = await events.next();
  await events.return();
  snapshots.close();
  if (first.done === true || first.value.kind !== 'snapshot') throw new Error('no snapshot');
  return first.value.mirror;
}

test('a window gets the newest jobs, and every alert, however many jobs came after', async () => {
  const newest = Array.from({ length: 400 }, (_, at) => jobAt(1000 - at, 'done'));
  const { jobs, alerts, state } = await snapshotOf([...newest, jobAt(3, 'stopped'), jobAt(2, 'done'), jobAt(1, 'paused')]);
  expect(jobs.map(({ subject }) => subject.name)).toEqual([...newest.slice(0, 100).map(({ subject }) => subject.name), 'job-3', 'job-1']);
  expect(alerts.map(({ target }) => target.id)).toEqual([idAt(3)]);
  expect(state.totals.createdToday).toBe(401);
});

test('hundreds of small jobs neither push creations out of a window nor count among them', async () => {
  const small = Array.from({ length: 300 }, (_, at): JobView => ({ ...jobAt(1000 - at, 'done'), type: 'suspend' }));
  const { jobs, state } = await snapshotOf([...small, jobAt(3, 'done'), jobAt(2, 'done')]);
  expect(jobs).toHaveLength(52);
  expect(jobs.slice(-2).map(({ subject }) => subject.name)).toEqual(['job-3', 'job-2']);
  expect(state.totals.createdToday).toBe(2);
});

test('what a window gets stays small when hundreds of jobs have stopped', async () => {
  const { jobs } = await snapshotOf(Array.from({ length: 900 }, (_, at) => jobAt(1000 - at, 'stopped')));
  expect(jobs).toHaveLength(200);
});

test('two thousand windows that come at once cost two looks at the farm, not two thousand', async () => {
  let looks = 0;
  const snapshots = snapshotsOver(() => {
    looks += 1;
    return [];
  });
  const windows = Array.from({ length: 2000 }, () => snapshots.watch(undefined));
  const first = await Promise.all(windows.map((events) => events.next()));
  expect(new Set(first.map(({ value }) => value?.kind))).toEqual(new Set(['snapshot']));
  expect(looks).toBeLessThanOrEqual(2);
  await Promise.all(windows.map((events) => events.return()));
  snapshots.close();
});

test('a window that followed a thousand patches left one listener at its signal, and none when it has gone', async () => {
  const changes = createChanges(log);
  let jobs: readonly JobView[] = [];
  const snapshots = snapshotsOver(() => jobs, changes);
  const control = new AbortController();
  const events = snapshots.watch(control.signal);
  await events.next();
  for (let at = 1; at <= 1000; at += 1) {
    const next = events.next();
    jobs = [jobAt(at, 'done')];
    changes.announce({ kind: 'job', id: idAt(at) });
    clock.advance(100);
    expect((await next).value?.kind).toBe('patches');
  }
  expect(getEventListeners(control.signal, 'abort').length).toBeLessThanOrEqual(1);
  const last = events.next();
  control.abort();
  expect((await last).done).toBe(true);
  expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  snapshots.close();
});
