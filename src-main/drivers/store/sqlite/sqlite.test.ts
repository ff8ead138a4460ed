import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../ports/clock.ts';
import { storeConformance } from '../conformance.ts';
import { aJob, anInstance, farmId, idAt } from '../example-rows.ts';
import { migrations } from '../migrations/index.ts';
import { firstSamples, keepsSamplesByName, laterSamples } from '../samples-by-name.ts';
import type { Migration } from '../migrate.ts';
import { rowsPerSlice } from '../table.ts';
import { openSqliteStore, type SqliteStoreOptions } from './index.ts';

const clock: Clock = { nowMs: () => 1_800_000_000_000, after: () => () => undefined };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (more: Partial<SqliteStoreOptions> = {}) => openSqliteStore({ file: join(folder, 'farm.sqlite'), clock, ...more });

const second: Migration = {
  name: '0002-second',
  up: async (schema) => {
    await schema.alterTable('settings').addColumn('note', 'text').execute();
  },
};
const broken: Migration = {
  name: '0003-broken',
  up: async (schema) => {
    await schema.createTable('half').addColumn('id', 'text').execute();
    throw new Error('broken half way');
  },
};

describe('SQLite store', () => {
  storeConformance(async () => {
    const store = await open();
    return { store, end: () => store.close() };
  });

  it('keeps what it was given when opened again, readable by its owner only', async () => {
    const store = await open();
    expect(store.migration).toBe(migrations.at(-1)?.name);
    await store.instances.insert(anInstance({}));
    await store.close();
    expect(statSync(join(folder, 'farm.sqlite')).mode & 0o077).toBe(0);
    const again = await open();
    expect(await again.instances.find()).toEqual([anInstance({})]);
    await again.close();
  });

  it('lets the event loop go on while many wait for it, and keeps their order', async () => {
    const store = await open();
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const done: number[] = [];
    const all = Array.from({ length: 1500 }, async (_, at) => {
      await store.transaction((tables) => tables.settings.put({ id: `setting-${at % 2}`, farmId, value: at }));
      done.push(at);
    });
    await Promise.all(all);
    isOver = true;
    // as many commits take far more than three times what one turn may
    expect(turns).toBeGreaterThan(3);
    expect(done).toEqual(done.toSorted((one, other) => one - other));
    expect(await store.settings.get('setting-1')).toMatchObject({ value: 1499 });
    await store.close();
  });

  it('lets others have their turn between slices of a long answer, and between the queries of one transaction', async () => {
    let pauses = 0;
    const store = await open({
      pause: async () => {
        pauses += 1;
      },
    });
    const rows = 20 * rowsPerSlice;
    const pausesOf = async (work: () => Promise<unknown>): Promise<number> => {
      pauses = 0;
      await work();
      return pauses;
    };
    const fill = store.transaction(async (tables) => {
      for (let at = 0; at < rows; at += 1) await tables.settings.put({ id: `setting-${at}`, farmId, value: at });
      for (let at = 0; at < rows; at += 1)
        await tables.jobs.insert({ ...aJob({ id: idAt(at + 1) }), requestKey: `request-${at}`, state: 'done' });
    });
    expect(await pausesOf(() => fill)).toBeGreaterThan(2 * rows);
    // half of them the server's
    await store.samples.add(laterSamples(2 * rows));
    expect(await pausesOf(() => store.settings.find())).toBeGreaterThanOrEqual(20);
    expect(await pausesOf(() => store.transaction((tables) => tables.settings.find()))).toBeGreaterThanOrEqual(20);
    expect(await pausesOf(() => store.jobs.newest({ farmId }, rows))).toBeGreaterThanOrEqual(20);
    const range = () => store.samples.range('server', 0, Number.MAX_SAFE_INTEGER);
    expect((await range()).length).toBe(rows);
    expect(await pausesOf(range)).toBeGreaterThanOrEqual(20);
    expect(await pausesOf(() => store.settings.get('setting-1'))).toBe(1);
    await store.close();
  });

  it('takes a copy before each migration but the first, and takes a failed one back', async () => {
    const store = await open();
    await store.settings.put({ id: 'one', farmId, value: 1 });
    await store.close();
    const copyFolder = join(folder, 'copies');
    await expect(open({ copyFolder, migrations: [...migrations, second, broken] })).rejects.toThrow('broken half way');
    const changed = await open({ copyFolder, migrations: [...migrations, second] });
    expect(changed.migration).toBe('0002-second');
    expect(await changed.settings.find()).toEqual([{ id: 'one', farmId, value: 1 }]);
    await changed.close();
    const copy = join(copyFolder, 'farm.sqlite.before-0002-second');
    expect(existsSync(join(copyFolder, 'farm.sqlite.before-0001-first'))).toBe(false);
    const old = await openSqliteStore({ file: copy, clock });
    expect(await old.settings.find()).toEqual([{ id: 'one', farmId, value: 1 }]);
    await old.close();
  });

  it('keeps samples of before under the names of their metrics', () => keepsSamplesByName((more) => open(more)));

  it('takes no more room for a sample by name than it took before', async () => {
    const sizeOf = async (name: string, values: typeof firstSamples): Promise<number> => {
      const file = join(folder, name);
      const store = await openSqliteStore({ file, clock });
      await store.samples.add(values(20_000));
      await store.close();
      return statSync(file).size;
    };
    expect(await sizeOf('later.sqlite', laterSamples)).toBeLessThan(await sizeOf('before.sqlite', firstSamples));
  });

  it('brings a home of the first program to the present, and copies none that is only being made', async () => {
    const copyFolder = join(folder, 'copies');
    const old = await open({ copyFolder, migrations: migrations.slice(0, 1) });
    await old.instances.insert(anInstance({}));
    await old.close();
    const now = await open({ copyFolder });
    expect(await now.instances.find()).toEqual([anInstance({})]);
    expect(await now.auditLog.find()).toEqual([]);
    await now.close();
    expect(readdirSync(copyFolder)).toContain('farm.sqlite.before-0002-journal');
    const newCopies = join(folder, 'copies-of-a-new-one');
    await (await openSqliteStore({ file: join(folder, 'new.sqlite'), clock, copyFolder: newCopies })).close();
    expect(existsSync(newCopies)).toBe(false);
  });

  it('refuses a home of a newer program', async () => {
    await (await open({ migrations: [...migrations, second] })).close();
    await expect(open()).rejects.toMatchObject({
      code: 'HOME_NEWER',
      parameters: { home: '0002-second', program: migrations.at(-1)?.name },
    });
  });

  it.each([
    ['is not a database', (file: string) => writeFileSync(file, 'not a database at all, but long enough to be read as one'.repeat(100))],
    ['was cut', (file: string) => truncateSync(file, 3 * 4096)],
    [
      'has torn pages',
      (file: string) => writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 4096), Buffer.alloc(40 * 4096, 7)])),
    ],
  ])('names a file that %s', async (_, harm) => {
    const store = await open();
    await store.close();
    harm(join(folder, 'farm.sqlite'));
    await expect(open()).rejects.toMatchObject({
      code: 'HOME_HALF_WRITTEN',
      parameters: { path: join(folder, 'farm.sqlite'), problem: 'database-torn' },
    });
  });

  it('says when there is no room, changes nothing, and goes on when there is', async () => {
    const store = await open({ limitBytes: 1024 ** 2 });
    const big = (n: number) => ({ id: `big-${n}`, farmId, value: 'x'.repeat(100_000) });
    const fill = async () => {
      for (let n = 0; n < 100; n += 1) {
        await store.settings.put(big(n));
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'STORE_FULL', parameters: { path: join(folder, 'farm.sqlite') } });
    const kept = (await store.settings.find()).length;
    const inTransaction = store.transaction(async (tables) => {
      await tables.settings.put({ id: 'small', farmId, value: 1 });
      await tables.settings.put({ id: 'huge', farmId, value: 'y'.repeat(2_000_000) });
    });
    await expect(inTransaction).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await store.settings.find()).toHaveLength(kept);
    await store.settings.remove('big-0');
    await store.settings.put({ id: 'small', farmId, value: idAt(1) });
    expect((await store.settings.get('small'))?.value).toBe(idAt(1));
    await store.close();
  });
});
