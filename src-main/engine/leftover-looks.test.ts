import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { farmId as farmIdSchema } from '#contract/ids.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { createIds } from '../drivers/system/ids.ts';
import { systemBy } from '../model/operators/by.ts';
import type { Store } from '../ports/store.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createStepWorld } from '../testing/step-world.ts';
import { createJobEngine } from './job-engine.ts';

const clock = createManualClock();
const ids = createIds(clock);
const farmId = farmIdSchema.parse(ids.uuid());
const unreachable = new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: 'oak:7443', cause: 'closed' });
let folder = '';
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-looks-'));
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

test('a look that fails or gives no answer is told as unknown, with its cause, and hides nothing that others saw', async () => {
  const world = createStepWorld(['one', 'two', 'three']);
  world.fail('two', new FarmError('DISK_FULL', { server: 'Oak', path: '/' }));
  const table = world.tableOf();
  const [one = expect.fail('no step'), ...others] = table.steps;
  const throws = { of: 'server-package', see: () => Promise.reject(unreachable) };
  const silent = { of: 'route', see: () => new Promise<never>(() => undefined) };
  const engine = createJobEngine({
    ...{ store, clock, ids, links: { stands: () => true, back: async () => true }, farmId: () => farmId, pause: async () => undefined },
    log: { info: () => undefined, warn: () => undefined, bug: () => 'reference' },
    changes: { announce: () => undefined, on: () => () => undefined },
    tables: [{ ...table, steps: [{ ...one, leftovers: (context) => [throws, ...one.leftovers(context), silent] }, ...others] }],
  });
  const { id } = await engine.begin({
    ...{ type: 'create', input: {}, by: systemBy(ids.token(12)), locks: ['instance:anna'] },
    subject: { kind: 'instance', id: ids.uuid(), name: 'anna' },
  });
  while ((engine.known(id)?.traces.length ?? 0) === 0) {
    clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const unasked = { code: 'unasked', isPresent: false, witness: 'core' };
  const late = { code: 'JOB_STEP_TIMEOUT', parameters: { step: 'one', seconds: 5 } };
  expect(engine.known(id)?.traces).toMatchObject([
    { ...unasked, parameters: { what: 'serverpackage' }, failure: { code: 'SERVER_UNREACHABLE', parameters: { server: 'Oak' } } },
    { code: 'folder', isPresent: true },
    { ...unasked, parameters: { what: 'route' }, failure: late },
    { code: 'folder', isPresent: false },
  ]);
});
