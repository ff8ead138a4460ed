import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobState, JobView } from '#contract/api/jobs.ts';
import type { JobType } from '#contract/catalogue/jobs.ts';
import { jobId as jobIdSchema } from '#contract/ids.ts';
import { aJob, aStep, farmId, idAt } from '../drivers/store/example-rows.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import type { Store } from '../ports/store.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import type { JobRecord } from './job-records.ts';
import { createViewCache, type JobFilter, viewsPerSlice } from './view-cache.ts';

const mostEnded = 5;
const clock = createManualClock();
let folder = '';
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-views-'));
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const idOf = (at: number) => jobIdSchema.parse(idAt(at));
const recordOf = (at: number, state: JobState, subject = 1, type: JobType = 'create'): JobRecord => {
  const job = { ...aJob({ id: idAt(at) }), requestKey: `request-${at}`, state, type };
  return {
    job: { ...job, subject: { ...job.subject, id: idAt(subject) } },
    steps: [{ ...aStep({}), id: `${idAt(at)}:0`, jobId: idOf(at) }],
  };
};
const viewOf = ({ job, steps }: JobRecord): JobView => ({
  id: job.id,
  type: job.type,
  subject: job.subject,
  actor: job.actor,
  state: job.state,
  direction: job.direction,
  steps: steps.map(({ name, attempts }) => ({ name, attempts, state: 'done' })),
  createdAtMs: job.createdAtMs,
  canUndo: true,
  traces: [],
});
const save = async (record: JobRecord): Promise<void> => {
  await store.jobs.put(record.job);
  for (const step of record.steps) await store.jobSteps.put(step);
};
const openCache = () => createViewCache(store, viewOf, async () => undefined, mostEnded);
const numbersOf = (views: readonly JobView[]): number[] =>
  views.map(({ id }) => Array.from({ length: 40 }, (_, at) => at).find((at) => idAt(at) === id) ?? -1);

describe('the views of jobs', () => {
  test('of a farm that is opened again hold those that failed too', async () => {
    for (let at = 1; at <= 3; at += 1) await save(recordOf(at, at === 2 ? 'failed' : 'done'));
    const cache = openCache();
    expect(numbersOf(await cache.kept(farmId))).toEqual([3, 2, 1]);
    expect(numbersOf(await cache.list(farmId, { limit: 9 }))).toEqual([3, 2, 1]);
    expect(numbersOf(await cache.list(farmId, { state: 'failed', limit: 9 }))).toEqual([2]);
  });

  test('keep what was made and taken away, however many small jobs came after', async () => {
    for (let at = 1; at <= 3; at += 1) await save(recordOf(at, 'done', 1, at === 2 ? 'remove' : 'create'));
    for (let at = 4; at <= 20; at += 1) await save(recordOf(at, 'done', 1, 'restart'));
    const opened = openCache();
    expect(numbersOf(await opened.kept(farmId))).toEqual([20, 19, 18, 17, 16, 3, 2, 1]);
    for (let at = 21; at <= 30; at += 1) opened.put(recordOf(at, 'done', 1, 'suspend'));
    expect(numbersOf(await opened.kept(farmId))).toEqual([30, 29, 28, 27, 26, 3, 2, 1]);
    // a list has no gaps: what is between them is asked of the store
    expect(numbersOf(await opened.list(farmId, { limit: 3 }))).toEqual([30, 29, 28]);
    for (let at = 21; at <= 30; at += 1) await save(recordOf(at, 'done', 1, 'suspend'));
    expect(numbersOf(await opened.list(farmId, { limit: 7 }))).toEqual([30, 29, 28, 27, 26, 25, 24]);
  });

  test('keep what has not ended and the newest of the others; the store has the rest', async () => {
    for (let at = 1; at <= 20; at += 1) await save(recordOf(at, at === 2 ? 'stopped' : 'done', at % 2));
    const cache = openCache();
    expect(numbersOf(await cache.kept(farmId))).toEqual([20, 19, 18, 17, 16, 2]);
    expect(cache.get(idOf(3))).toBeUndefined();
    const list = async (filter: Partial<JobFilter>) => numbersOf(await cache.list(farmId, { limit: 4, ...filter }));
    expect(await list({})).toEqual([20, 19, 18, 17]);
    expect(await list({ limit: 8 })).toEqual([20, 19, 18, 17, 16, 15, 14, 13]);
    expect(await list({ state: 'stopped' })).toEqual([2]);
    expect(await list({ state: 'done', limit: 7 })).toEqual([20, 19, 18, 17, 16, 15, 14]);
    expect(await list({ state: 'undone' })).toEqual([]);
    expect(await list({ subjectId: idAt(1), limit: 9 })).toEqual([19, 17, 15, 13, 11, 9, 7, 5, 3]);
    expect(await list({ subjectId: idAt(0), state: 'stopped' })).toEqual([2]);
    expect((await cache.list(farmId, { limit: 20 })).every(({ steps }) => steps.length === 1)).toBe(true);
    // what the store was asked for is not kept
    expect(await cache.kept(farmId)).toHaveLength(6);
  });

  test('know after a restart also those that ended by their failure', async () => {
    for (let at = 1; at <= 3; at += 1) await save(recordOf(at, at === 2 ? 'failed' : 'done'));
    const cache = openCache();
    expect(numbersOf(await cache.kept(farmId))).toEqual([3, 2, 1]);
    expect(numbersOf(await cache.list(farmId, { limit: 9 }))).toEqual([3, 2, 1]);
    expect(numbersOf(await cache.list(farmId, { limit: 9, state: 'failed' }))).toEqual([2]);
  });

  test('know an old job that ends only now, for whoever is told of it', async () => {
    for (let at = 1; at <= 9; at += 1) await save(recordOf(at, at === 1 ? 'stopped' : 'done'));
    const cache = openCache();
    await cache.kept(farmId);
    cache.put(recordOf(1, 'undone'));
    expect(cache.get(idOf(1))?.state).toBe('undone');
    expect(numbersOf(await cache.kept(farmId))).toEqual([9, 8, 7, 6, 5]);
  });

  test('are made in slices when a farm is opened, and what is saved between two of them stays', async () => {
    const count = 6 * viewsPerSlice;
    for (let at = 1; at <= count; at += 1) await save(recordOf(at, 'stopped'));
    let made = 0;
    const slices: number[] = [];
    const cache: ReturnType<typeof createViewCache> = createViewCache(
      store,
      (record) => {
        made += 1;
        return viewOf(record);
      },
      async () => {
        slices.push(made);
        made = 0;
        // the first are made by now, the last are not
        if (slices.length === 2) for (const at of [1, count]) cache.put(recordOf(at, 'undoing'));
      },
    );
    const kept = await cache.kept(farmId);
    expect(Math.max(...slices)).toBeLessThanOrEqual(viewsPerSlice + 2);
    expect(slices.length).toBeGreaterThanOrEqual(5);
    expect(kept).toHaveLength(count);
    expect([kept.at(0)?.state, kept.at(-1)?.state, kept.at(1)?.state]).toEqual(['undoing', 'undoing', 'stopped']);
  });

  test('do not grow while jobs come and go', async () => {
    const cache = openCache();
    await cache.kept(farmId);
    for (let at = 1; at < 300; at += 1) {
      cache.put(recordOf(at, 'running'));
      cache.put(recordOf(at, 'done'));
    }
    expect(await cache.kept(farmId)).toHaveLength(mostEnded);
    for (let at = 1; at < 290; at += 1) cache.put(recordOf(at, 'done'));
    const known = Array.from({ length: 299 }, (_, at) => cache.get(idOf(at + 1))).filter((view) => view !== undefined);
    expect(known.length).toBeLessThan(mostEnded + 100);
  });

  test('answer as the store alone would, whatever is asked', async () => {
    const states: readonly JobState[] = ['running', 'stopped', 'done', 'undone', 'failed'];
    const all: JobRecord[] = [];
    const cache = openCache();
    const step = fc.record({ state: fc.constantFrom(...states), subject: fc.integer({ min: 0, max: 3 }), isOld: fc.boolean() });
    const asked = fc.record({
      state: fc.option(fc.constantFrom(...states), { nil: undefined }),
      subject: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      limit: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 3 }), asked, async (steps, { state, subject, limit }) => {
        for (const { state: next, subject: of, isOld } of steps) {
          const before = isOld ? all.findIndex(({ job }) => job.state === 'running' || job.state === 'stopped') : -1;
          const record = before < 0 ? recordOf(all.length + 1, next, of) : recordOf(before + 1, next, 0);
          all[before < 0 ? all.length : before] = record;
          await save(record);
          cache.put(record);
        }
        const subjectId = subject === undefined ? undefined : idAt(subject);
        const fits = ({ job }: JobRecord) =>
          (state === undefined || job.state === state) && (subjectId === undefined || job.subject.id === subjectId);
        const wanted = all.filter(fits).toReversed().slice(0, limit);
        const found = await cache.list(farmId, { state, subjectId, limit });
        expect(found.map(({ id, state: is }) => `${id} ${is}`)).toEqual(wanted.map(({ job }) => `${job.id} ${job.state}`));
      }),
      { numRuns: 150 },
    );
  });
});
