import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../../ports/clock.ts';
import { storeConformance } from '../conformance.ts';
import { aPlan, farmId } from '../example-rows.ts';
import { migrations } from '../migrations/index.ts';
import { keepsSamplesByName } from '../samples-by-name.ts';
import { openPostgresStore } from './index.ts';
import { startPrivateCluster, type PrivateCluster } from './private-cluster.ts';

const clock: Clock = { nowMs: () => 1_800_000_000_000, after: () => () => undefined };

let cluster: PrivateCluster;
let schemas = 0;
beforeAll(async () => {
  cluster = await startPrivateCluster();
}, 120_000);
afterAll(() => cluster.stop(), 60_000);

const open = (schema: string, more: Partial<Parameters<typeof openPostgresStore>[0]> = {}) =>
  openPostgresStore({ connectionString: cluster.connectionString, clock, schema, ...more });

describe('PostgreSQL store', () => {
  storeConformance(async () => {
    schemas += 1;
    const store = await open(`farm_${schemas}`);
    return { store, end: () => store.close() };
  });

  it('keeps what it was given when opened again, and keeps two farms apart', async () => {
    const one = await open('again');
    await one.plans.insert(aPlan({}));
    await one.close();
    const again = await open('again');
    const other = await open('other');
    expect(await again.plans.find()).toEqual([aPlan({})]);
    expect(await other.plans.find()).toEqual([]);
    expect([again.kind, again.migration]).toEqual(['postgres', migrations.at(-1)?.name]);
    await again.close();
    await other.close();
  });

  it('keeps samples of before under the names of their metrics', () => keepsSamplesByName((more) => open('by_name', more)));

  it('takes a failed migration back, and refuses a store of a newer program', async () => {
    await (await open('newer')).close();
    const second = { name: '0002-second', up: async () => undefined };
    const broken = {
      name: '0002-second',
      up: async (schema: Parameters<(typeof migrations)[number]['up']>[0]) => {
        await schema.createTable('half').addColumn('id', 'text').execute();
        throw new Error('broken half way');
      },
    };
    await expect(open('newer', { migrations: [...migrations, broken] })).rejects.toThrow('broken half way');
    const store = await open('newer', { migrations: [...migrations, second] });
    await store.settings.put({ id: 'one', farmId, value: 1 });
    await store.close();
    await expect(open('newer')).rejects.toMatchObject({ code: 'HOME_NEWER', parameters: { home: '0002-second' } });
  });

  it('never tells a password in an error', async () => {
    const withPassword = cluster.connectionString.replace('farm@', 'farm:secret-word@');
    const store = await openPostgresStore({ connectionString: withPassword, clock, schema: 'quiet' });
    await store.settings.insert({ id: 'one', farmId, value: 1 });
    const error: unknown = await store.settings.insert({ id: 'one', farmId, value: 1 }).catch((caught: unknown) => caught);
    await store.close();
    expect(JSON.stringify(error) + String(error)).not.toContain('secret-word');
  });
});
