import { expect, it } from 'vitest';
import { isFarmError } from '#contract/errors.ts';
import type { AuditLine } from '../../model/jobs/audit-log.ts';
import type { AlertRecord } from '../../model/monitoring/alert-record.ts';
import type { Act, JobsWanted, Setting, Store, StoredSample } from '../../ports/store.ts';
import { aDomain, aJob, aPlan, aServer, aStep, anInstance, farmId, idAt } from './example-rows.ts';

/** Opens an empty store and says how to end it. */
export type OpenStore = () => Promise<{ readonly store: Store; readonly end: () => Promise<void> }>;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return isFarmError(error) ? error.code : String(error);
  }
}

const jobIdAt = (n: number) => aJob({ id: idAt(n) }).id;

const sample = (over: Partial<StoredSample>): StoredSample => ({
  farmId,
  serverId: 'server',
  subjectId: 'subject',
  atMs: 1_000,
  agentAtMs: 1_000,
  clockOffsetMs: -1.5,
  values: { cpu: 0.25, memory: 8 * 1024 ** 3 },
  ...over,
});

/** What every store must do; run on SQLite in ring 1 and on PostgreSQL in `test:real`. */
export function storeConformance(open: OpenStore): void {
  const withStore = async (work: (store: Store) => Promise<void>): Promise<void> => {
    const { store, end } = await open();
    try {
      await work(store);
    } finally {
      await end();
    }
  };
  const check = (name: string, work: (store: Store) => Promise<void>) => it(name, () => withStore(work), 60_000);
  rows(check);
  conflicts(check);
  transactions(check);
  samples(check);
}

type Check = (name: string, work: (store: Store) => Promise<void>) => void;

function rows(check: Check): void {
  check('gives back every kind of value as it was given', async (store) => {
    const job = aJob({ endedAtMs: 42, placement: { reasons: ['Здесь 🌾 довольно места'], chosen: null } });
    const instance = anInstance({
      labels: ['ось', '雪', 'a"b\'c\\d\n'],
      parameters: { isOpen: true, size: 0.5, text: "'; drop table jobs; --" },
    });
    await store.jobs.insert(job);
    await store.jobSteps.insert(aStep({ checkpoint: { deep: [{ a: [] }] } }));
    await store.instances.insert(instance);
    await store.servers.insert(aServer({ isDraining: true, clockOffsetMs: -0.25 }));
    expect(await store.jobs.get(job.id)).toEqual(job);
    expect(await store.jobSteps.find({ jobId: job.id })).toEqual([aStep({ checkpoint: { deep: [{ a: [] }] } })]);
    expect(await store.instances.get(instance.id)).toEqual(instance);
    expect(await store.servers.find({ isDraining: true })).toEqual([aServer({ isDraining: true, clockOffsetMs: -0.25 })]);
    expect(await store.servers.find({ isDraining: false })).toEqual([]);
  });

  check('keeps whole numbers up to 2^53 - 1 and refuses what is not whole', async (store) => {
    await store.plans.insert(aPlan({ diskBytes: Number.MAX_SAFE_INTEGER }));
    expect((await store.plans.get(aPlan({}).id))?.diskBytes).toBe(Number.MAX_SAFE_INTEGER);
    await expect(store.plans.put(aPlan({ diskBytes: 0.5 }))).rejects.toThrow(TypeError);
  });

  check('knows null from nothing in nested values', async (store) => {
    const acts: readonly Act[] = ['a', 'b'].map((id) => ({
      id,
      farmId,
      procedure: 'instances.create',
      inputHash: 'hash',
      actor: { kind: 'system' },
      state: 'done',
      answer: id === 'a' ? null : undefined,
      atMs: 1,
    }));
    for (const act of acts) {
      await store.acts.insert(act);
    }
    expect((await store.acts.get('a'))?.answer).toBeNull();
    expect((await store.acts.get('b'))?.answer).toBeUndefined();
  });

  check('changes only the columns of a patch, of the row as it is now', async (store) => {
    const server = aServer({ name: 'Oak', isDraining: false });
    await store.servers.insert(server);
    const changes = [{ name: 'Elm' }, { isDraining: true }, { seenAtMs: 99 }, { publicAddresses: [] }] as const;
    await Promise.all(changes.map((change) => store.servers.patch(server.id, change)));
    const after = { ...server, name: 'Elm', isDraining: true, seenAtMs: 99, publicAddresses: [] };
    expect(await store.servers.get(server.id)).toEqual(after);
    expect(await store.servers.patch(server.id, { clockOffsetMs: 0.5, agentVersion: undefined })).toEqual({ ...after, clockOffsetMs: 0.5 });
    expect(await store.servers.patch(server.id, {})).toEqual({ ...after, clockOffsetMs: 0.5 });
  });

  check('makes no row of a patch, and refuses one that is not the table’s or breaks what is unique', async (store) => {
    const [oak, elm] = [
      aServer({ id: idAt(1), name: 'Oak', keyFingerprint: 'a' }),
      aServer({ id: idAt(2), name: 'Elm', keyFingerprint: 'b' }),
    ];
    for (const server of [oak, elm]) await store.servers.insert(server);
    expect(await store.servers.patch(idAt(3), { name: 'Ash' })).toBeUndefined();
    await expect(store.servers.patch(elm.id, { name: 'Oak' })).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    await expect(store.servers.patch(elm.id, { seenAtMs: 0.5 })).rejects.toThrow(TypeError);
    expect(await store.servers.find()).toEqual([oak, elm]);
  });

  check('forgets acts by their age', async (store) => {
    const act = (id: string, atMs: number, state: Act['state']): Act => ({
      ...{ id, farmId, procedure: 'instances.create', inputHash: 'hash', actor: { kind: 'system' }, answer: null },
      ...{ atMs, state },
    });
    for (const one of [act('old', 1, 'done'), act('old and cut off', 9, 'begun'), act('young', 10, 'done')]) await store.acts.insert(one);
    await store.acts.removeBefore(10);
    await store.acts.removeBefore(10);
    expect((await store.acts.find()).map(({ id }) => id)).toEqual(['young']);
  });

  check('keeps one open alert of a code and a subject, and forgets closed ones by their age, never an open one', async (store) => {
    const alert = (n: number, over: Partial<AlertRecord>): AlertRecord => ({
      ...{ id: idAt(n), farmId, code: 'server-agent', subjectId: idAt(90), openedAtMs: 1, lastSeenAtMs: 2, closedAtMs: null },
      ...over,
    });
    const closed = [9, 10].map((closedAtMs) => alert(closedAtMs, { closedAtMs }));
    for (const one of [...closed, alert(1, {}), alert(2, { subjectId: idAt(91) }), alert(3, { code: 'server-disk' })])
      await store.alerts.insert(one);
    expect(await codeOf(store.alerts.insert(alert(4, {})))).toBe('STORE_CONFLICT');
    expect(await store.alerts.find({ closedAtMs: null })).toEqual([
      alert(1, {}),
      alert(2, { subjectId: idAt(91) }),
      alert(3, { code: 'server-disk' }),
    ]);
    await store.alerts.put(alert(1, { closedAtMs: 11, lastSeenAtMs: 10 }));
    expect(await codeOf(store.alerts.insert(alert(4, {})))).toBe('done');
    for (const atMs of [10, 10]) await store.alerts.removeClosedBefore(atMs);
    expect((await store.alerts.find()).map(({ id }) => id)).toEqual([1, 2, 3, 4, 10].map(idAt));
    await store.alerts.removeClosedBefore(Number.MAX_SAFE_INTEGER);
    expect((await store.alerts.find()).map(({ id }) => id)).toEqual([2, 3, 4].map(idAt));
  });

  check('keeps the audit log in the order in which it was written, with why something failed', async (store) => {
    const lines = [2, 1].map(
      (n): AuditLine => ({
        id: idAt(n),
        farmId,
        subjectId: idAt(7),
        atMs: n,
        code: n === 1 ? 'act.restart' : 'act.failed',
        parameters: n === 1 ? {} : { act: 'start', times: 2 },
        actor: { kind: 'operator', name: 'Ольга' },
        failure: n === 1 ? null : { code: 'DISK_FULL', parameters: { server: 's' } },
      }),
    );
    for (const line of lines) await store.auditLog.insert(line);
    expect(await store.auditLog.find({ subjectId: idAt(7) })).toEqual([...lines].reverse());
    expect(await store.auditLog.find({ subjectId: idAt(8) })).toEqual([]);
  });

  check('finds by several columns, lists, null and nothing, in the order of the ids', async (store) => {
    const all = [3, 1, 2].map((n) =>
      anInstance({ id: idAt(n), name: `name-${n}`, desired: n === 2 ? 'stopped' : 'running', jobId: n === 1 ? idAt(9) : null }),
    );
    for (const instance of all) {
      await store.instances.insert(instance);
    }
    const names = async (where: Parameters<typeof store.instances.find>[0]) => (await store.instances.find(where)).map((one) => one.name);
    expect(await names({})).toEqual(['name-1', 'name-2', 'name-3']);
    expect(await names({ desired: 'running', name: ['name-2', 'name-3'] })).toEqual(['name-3']);
    expect(await names({ jobId: null })).toEqual(['name-2', 'name-3']);
    expect(await names({ jobId: [null, jobIdAt(9)] })).toEqual(['name-1', 'name-2', 'name-3']);
    expect(await names({ name: [] })).toEqual([]);
    const many = [...Array.from({ length: 12_000 }, (_, n) => `absent-${n}`), 'name-1'];
    expect(await names({ name: many })).toEqual(['name-1']);
  });

  check('finds the newest jobs, by state and by subject', async (store) => {
    for (let n = 1; n <= 12; n += 1) {
      const job = aJob({ id: idAt(n) });
      const subject = { ...job.subject, id: n % 3 === 0 ? 'third' : 'other' };
      const type = n % 4 === 0 ? ('remove' as const) : job.type;
      await store.jobs.insert({
        ...job,
        type,
        subject,
        requestKey: `request-${n}`,
        state: n % 2 === 0 ? 'done' : 'undone',
        createdAtMs: 20 - n,
      });
    }
    const newest = async (wanted: Omit<JobsWanted, 'farmId'>, limit: number) =>
      (await store.jobs.newest({ farmId, ...wanted }, limit)).map(({ id }) => id);
    expect(await newest({}, 3)).toEqual([idAt(12), idAt(11), idAt(10)]);
    expect(await newest({ state: 'undone' }, 2)).toEqual([idAt(11), idAt(9)]);
    expect(await newest({ subjectId: 'third' }, 3)).toEqual([idAt(12), idAt(9), idAt(6)]);
    expect(await newest({ subjectId: 'third', state: 'done' }, 9)).toEqual([idAt(12), idAt(6)]);
    expect(await newest({ state: 'stopped' }, 9)).toEqual([]);
    expect(await newest({ types: ['remove', 'stop'] }, 2)).toEqual([idAt(12), idAt(8)]);
    expect(await newest({ types: ['stop'], state: 'done' }, 2)).toEqual([]);
  });

  check('puts over what is there, and removes again and again', async (store) => {
    const setting: Setting = { id: 'one', farmId, value: { a: 1 } };
    await store.settings.put(setting);
    await store.settings.put({ ...setting, value: 'two' });
    expect(await store.settings.find()).toEqual([{ ...setting, value: 'two' }]);
    await store.settings.remove('one');
    await store.settings.remove('one');
    expect(await store.settings.get('one')).toBeUndefined();
  });

  check('holds 10,000 instances', async (store) => {
    const started = performance.now();
    await store.transaction(async (tables) => {
      for (let n = 0; n < 10_000; n += 1) {
        await tables.instances.insert(anInstance({ id: idAt(n), name: `i${n}` }));
      }
    });
    const inserted = performance.now();
    expect(await store.instances.find()).toHaveLength(10_000);
    const found = performance.now();
    console.info(
      `${store.kind}: 10,000 instances inserted in ${Math.round(inserted - started)} ms, found in ${Math.round(found - inserted)} ms`,
    );
  });
}

function conflicts(check: Check): void {
  check('refuses a second row under the same id, and under what must be unique', async (store) => {
    await store.servers.insert(aServer({}));
    await store.instances.insert(anInstance({}));
    await store.jobs.insert(aJob({}));
    await store.plans.insert(aPlan({}));
    await store.locks.insert({ id: 'instance:1', farmId, jobId: aJob({}).id, takenAtMs: 1 });
    const other = { id: idAt(77) };
    const clashes: readonly (readonly [string, Promise<unknown>])[] = [
      ['same id', store.servers.insert(aServer({ name: 'other', keyFingerprint: 'other' }))],
      ['same key', store.servers.insert(aServer({ ...other, name: 'other' }))],
      ['same server name', store.servers.insert(aServer({ ...other, keyFingerprint: 'other' }))],
      ['same address label', store.instances.put(anInstance(other))],
      ['same request', store.jobs.insert(aJob(other))],
      ['same plan key', store.plans.insert(aPlan(other))],
      ['same lock', store.locks.insert({ id: 'instance:1', farmId, jobId: jobIdAt(78), takenAtMs: 2 })],
    ];
    for (const [name, clash] of clashes) {
      expect([name, await codeOf(clash)]).toEqual([name, 'STORE_CONFLICT']);
    }
    expect(await codeOf(store.instances.insert(anInstance({ ...other, domainId: idAt(5) })))).toBe('done');
    expect(await codeOf(store.jobs.insert(aJob({ ...other, actor: { kind: 'operator', name: 'Анна' } })))).toBe('done');
  });

  check('names the table of a conflict', async (store) => {
    await store.domains.insert(aDomain({}));
    const second = store.domains.insert(aDomain({ id: idAt(2) }));
    await expect(second).rejects.toMatchObject({ code: 'STORE_CONFLICT', parameters: { table: 'domains' } });
  });
}

function transactions(check: Check): void {
  check('takes everything back when the work throws', async (store) => {
    await store.settings.put({ id: 'before', farmId, value: 1 });
    const work = store.transaction(async (tables) => {
      await tables.settings.put({ id: 'before', farmId, value: 2 });
      await tables.servers.insert(aServer({}));
      await tables.samples.add([sample({})]);
      expect(await tables.servers.find()).toHaveLength(1);
      throw new Error('thought better of it');
    });
    await expect(work).rejects.toThrow('thought better of it');
    expect(await store.settings.find()).toEqual([{ id: 'before', farmId, value: 1 }]);
    expect(await store.servers.find()).toEqual([]);
    expect(await store.samples.newestAgentMs('server')).toBeUndefined();
  });

  check('takes everything back when a failure inside was swallowed', async (store) => {
    await store.settings.put({ id: 'one', farmId, value: 1 });
    const work = store.transaction(async (tables) => {
      await tables.settings.put({ id: 'two', farmId, value: 2 });
      await codeOf(tables.settings.insert({ id: 'one', farmId, value: 3 }));
    });
    expect(await codeOf(work)).toBe('STORE_CONFLICT');
    expect(await store.settings.get('two')).toBeUndefined();
    expect(await codeOf(store.settings.insert({ id: 'two', farmId, value: 2 }))).toBe('done');
  });

  check('lets parallel transactions and other calls queue, and loses no addition', async (store) => {
    await store.settings.put({ id: 'sum', farmId, value: 0 });
    const add = () =>
      store.transaction(async (tables) => {
        const sum = Number((await tables.settings.get('sum'))?.value);
        await tables.settings.put({ id: 'sum', farmId, value: sum + 1 });
        return sum;
      });
    const outside = Array.from({ length: 20 }, (_, n) => store.settings.put({ id: `other-${n}`, farmId, value: n }));
    const [before] = await Promise.all([Promise.all(Array.from({ length: 40 }, add)), Promise.all(outside)]);
    expect(before.toSorted((left, right) => left - right)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect((await store.settings.get('sum'))?.value).toBe(40);
  });

  check('refuses the outer store inside a transaction instead of waiting for ever, and takes everything back', async (store) => {
    const inner = store.transaction(async (tables) => {
      await tables.settings.put({ id: 'one', farmId, value: 1 });
      await store.settings.find();
    });
    await expect(inner).rejects.toThrow('inside its own transaction');
    await expect(store.transaction(() => store.transaction(async () => 1))).rejects.toThrow('inside its own transaction');
    expect(await store.settings.find()).toEqual([]);
  });

  check('refuses the tables of a transaction after its end, and lets work begun inside go on with the store', async (store) => {
    let late: (() => Promise<unknown>) | undefined;
    let after: Promise<unknown> = Promise.resolve();
    const ended = Promise.withResolvers<void>();
    await store.transaction(async (tables) => {
      late = () => tables.settings.find();
      after = ended.promise.then(() => store.settings.find());
    });
    ended.resolve();
    await expect(late?.()).rejects.toThrow('after its end');
    expect(await after).toEqual([]);
  });
}

function samples(check: Check): void {
  check('keeps samples once, by range, and drops old ones', async (store) => {
    const many = Array.from({ length: 1_300 }, (_, n) => sample({ atMs: 1_000 + n, agentAtMs: 2_000 + n }));
    await store.samples.add(many);
    await store.samples.add([sample({ atMs: 9_999, agentAtMs: 2_000 }), sample({ subjectId: 'other', atMs: 1_100 })]);
    expect(await store.samples.range('subject', 1_010, 1_013)).toEqual([many[10], many[11], many[12]]);
    expect(await store.samples.range('subject', 0, 10_000)).toHaveLength(1_300);
    expect(await store.samples.newestAgentMs('server')).toBe(3_299);
    expect(await store.samples.newestAgentMs('no such')).toBeUndefined();
    await store.samples.removeBefore(2_000);
    expect(await store.samples.range('subject', 0, 10_000)).toEqual(many.slice(1_000));
    await store.samples.removeSubject('subject');
    expect(await store.samples.range('subject', 0, 10_000)).toEqual([]);
    await store.samples.add([]);
  });
}
