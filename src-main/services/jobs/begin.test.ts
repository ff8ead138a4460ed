import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BeginRequest } from '#contract/api/jobs.ts';
import { type ByRowType, byRowTypes, isByRow, jobCatalogue, jobTypes } from '#contract/catalogue/jobs.ts';
import { domainId, instanceId, packageId, serverId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { serveTestCore } from '../../testing/http-fixture.ts';

let core: TestCore;
let anna: string;
beforeAll(async () => {
  core = await createTestCore({ servers: 1 });
  const made = await core.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: core.key() });
  expect((await core.settled(made)).state).toBe('done');
  anna = made.subject.id;
});
afterAll(() => core.close());

const nobody = '0198a3f0-0000-7000-8000-000000000000';
const ids = { instanceId: instanceId.parse(nobody), serverId: serverId.parse(nobody), domainId: domainId.parse(nobody) };
/** What every row asks, of nothing that is there. */
const asked = (type: ByRowType) => ({ type, ...ids, publicAddresses: ['198.51.100.7'] }) as BeginRequest;
const jobsNow = async (): Promise<number> => (await core.client.jobs.list({ limit: 500 })).jobs.length;
const begin = (act: unknown, requestKey = core.key()) => core.client.jobs.begin({ act: act as BeginRequest, requestKey });

describe('a job that is begun by its row', () => {
  test.each(byRowTypes)('%s needs the permission of the row, and says which', async (type) => {
    const needed = jobCatalogue[type].permission;
    for (const has of ['look', 'operate'] as const) {
      if (has === needed) continue;
      const refused = core.as(has).jobs.begin({ act: asked(type), requestKey: core.key() });
      await expect(refused, has).rejects.toMatchObject({
        code: 'PERMISSION_MISSING',
        data: { needed: has === 'look' ? 'operate' : needed },
      });
    }
    // it gets as far as looking for what it is about
    const allowed = core.as(needed).jobs.begin({ act: asked(type), requestKey: core.key() });
    await expect(allowed).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each(jobTypes.filter((type) => !isByRow(type)))('%s is not one: it is refused before anything is read of it', async (type) => {
    const before = await jobsNow();
    await expect(begin({ type, ...ids, name: 'x.test', kind: 'builtin', address: 'x', packageId: 'static-site' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    expect(await jobsNow()).toBe(before);
  });

  test.each([
    ['no act', undefined],
    ['a text', 'start'],
    ['a list', [{ type: 'start', instanceId: nobody }]],
    ['no type', { instanceId: nobody }],
    ['a type that every object has', { type: 'toString', instanceId: nobody }],
    ['a type of another kind', { type: { $ne: '' }, instanceId: nobody }],
    ['an id that is none', { type: 'start', instanceId: '../../etc' }],
    ['a list of ids', { type: 'remove', instanceId: [nobody] }],
    ['no id', { type: 'stop' }],
    ['more addresses than any server has', { type: 'address-server', serverId: nobody, publicAddresses: Array(101).fill('198.51.100.7') }],
    ['an address without end', { type: 'address-server', serverId: nobody, publicAddresses: ['1'.repeat(261)] }],
  ])('%s is refused, and nothing is begun', async (_what, act) => {
    const before = await jobsNow();
    await expect(begin(act)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await jobsNow()).toBe(before);
  });

  test('takes nothing that its row does not ask', async () => {
    const more = { wish: 'suspended', serverId: nobody, actor: { kind: 'system' }, locks: [], __proto__: { wish: 'made' } };
    const job = await begin({ type: 'restart', instanceId: anna, ...more });
    expect((await core.settled(job)).state).toBe('done');
    const [kept] = await core.drivers.store.jobs.find({ id: job.id });
    const [server] = await core.drivers.store.servers.find();
    expect(kept).toMatchObject({ actor: { kind: 'operator' }, input: { wish: 'running', serverId: server?.id, instanceId: anna } });
  });

  test('of the same request key is one job, also at the same moment; another act under that key, and the type’s own procedure, are refused', async () => {
    const requestKey = core.key();
    const act = { type: 'stop', instanceId: anna };
    const jobs = await Promise.all(Array.from({ length: 5 }, () => begin(act, requestKey)));
    for (const job of jobs) await core.settled(job);
    jobs.push(await begin(act, requestKey));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    await expect(begin({ type: 'start', instanceId: anna }, requestKey)).rejects.toMatchObject({ code: 'REQUEST_KEY_REUSED' });
    await expect(core.client.instances.stop({ instanceId: instanceId.parse(anna), requestKey })).rejects.toMatchObject({
      code: 'REQUEST_KEY_REUSED',
    });
    expect((await core.settled(await begin({ type: 'start', instanceId: anna }))).state).toBe('done');
  });

  test('is refused as by the procedure of its own while another job has its object, and where it makes no sense', async () => {
    const first = await begin({ type: 'resume', instanceId: anna });
    await expect(begin({ type: 'stop', instanceId: anna })).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'anna' } });
    expect((await core.settled(first)).state).toBe('done');
    expect((await core.settled(await begin({ type: 'suspend', instanceId: anna }))).state).toBe('done');
    await expect(begin({ type: 'start', instanceId: anna })).rejects.toMatchObject({ code: 'INSTANCE_STATE' });
    expect((await core.settled(await begin({ type: 'resume', instanceId: anna }))).state).toBe('done');
  });

  test('asked again with the same key, because the core died before it had answered, is the same job, though its object has gone', async () => {
    const made = await core.client.instances.create({ name: 'berta', packageId: packageId.parse('static-site'), requestKey: core.key() });
    expect((await core.settled(made)).state).toBe('done');
    const requestKey = core.key();
    const remove = () =>
      core.as('operate', 'ann').jobs.begin({ act: { type: 'remove', instanceId: instanceId.parse(made.subject.id) }, requestKey });
    const job = await remove();
    expect((await core.settled(job)).state).toBe('done');
    await core.drivers.store.acts.remove(`operator:ann/${requestKey}`);
    expect((await remove()).id).toBe(job.id);
  });

  test('is POST /jobs over REST', async () => {
    const http = await serveTestCore(core);
    try {
      const answer = await fetch(`${http.origin}/api/v1/jobs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${http.linkToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ act: { type: 'restart', instanceId: anna }, requestKey: core.key() }),
      });
      const job: unknown = await answer.json();
      expect(job).toMatchObject({ type: 'restart', subject: { kind: 'instance', id: anna, name: 'anna' } });
    } finally {
      await http.close();
    }
  });
});
