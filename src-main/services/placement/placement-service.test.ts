import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { edgeHealth } from '../../testing/known-farm.ts';

const staticSite = packageId.parse('static-site');
const megabyte = 2 ** 20;
let farm: TestCore;

beforeAll(async () => {
  farm = await createTestCore({ servers: 2 });
});
afterAll(() => farm.close());

async function planOf(key: string) {
  const { plans } = await farm.client.plans.list({ packageId: staticSite });
  const plan = plans.find((one) => one.key === key);
  if (plan === undefined) throw new Error(`no plan ${key}`);
  return plan;
}
async function createOn(name: string, planKey: string) {
  const plan = await planOf(planKey);
  const job = await farm.client.instances.create({ name, packageId: staticSite, planId: plan.id, requestKey: farm.key() });
  for await (const view of await farm.client.jobs.watch({ jobId: job.id }))
    if (view.state === 'stopped') throw new Error(JSON.stringify(view.failure));
  const { server } = await farm.client.instances.find({ name });
  return server?.name;
}

describe('placement', () => {
  test('proposes with one reason a server, and what would be promised after', async () => {
    const plan = await planOf('S');
    const proposal = await farm.client.placement.propose({ packageId: staticSite, planId: plan.id });
    expect(proposal.candidates.map(({ verdict }) => verdict)).toEqual(['best', 'good']);
    expect(proposal.chosen).toBe(proposal.candidates[0]?.serverId);
    expect(proposal.candidates[0]).toMatchObject({ reason: { code: 'best-unmeasured' }, promisedAfter: { memoryBytes: 128 * megabyte } });
    expect(proposal.usuallyMs).toBeUndefined();
  });

  test('keeps room for what was just placed, so that the next goes elsewhere', async () => {
    const plan = await planOf('L');
    const first = await createOn('one', 'L');
    const after = await farm.client.placement.propose({ packageId: staticSite, planId: plan.id });
    const [best, other] = after.candidates;
    expect(best?.serverName).not.toBe(first);
    expect(other).toMatchObject({ serverName: first, promisedAfter: { memoryBytes: 1024 * megabyte } });
    expect(after.usuallyMs).toBeGreaterThanOrEqual(0);
    expect(await createOn('two', 'L')).toBe(best?.serverName);
  });

  test('tells how many more of the smallest plan a server takes', async () => {
    const { servers } = await farm.client.servers.list();
    // 8 GB less a tenth, less 512 MB, in pieces of 128 MB; the processor: 4 cores less a tenth, less half a core, in tenths of a core
    expect(servers.map(({ room }) => room)).toEqual([31, 31]);
    const [drained] = servers;
    if (drained === undefined) throw new Error('no server');
    await farm.client.servers.update({ serverId: drained.id, isDraining: true, requestKey: farm.key() });
    const after = (await farm.client.servers.list()).servers.find(({ id }) => id === drained.id);
    expect(after?.room).toBe(0);
    const plan = await planOf('S');
    const { candidates } = await farm.client.placement.propose({ packageId: staticSite, planId: plan.id });
    expect(candidates.at(-1)).toMatchObject({ serverId: drained.id, verdict: 'refused', reason: { code: 'draining' } });
  });

  test('offers no server whose edge visitors do not reach, not by choice either, and offers it again when they do', async () => {
    const [first, second] = (await farm.client.servers.list()).servers;
    const agent = farm.agents.find(({ name }) => name === first?.name);
    if (agent === undefined || first === undefined || second === undefined) throw new Error('no two servers');
    const update = { isDraining: false, requestKey: farm.key() };
    await farm.client.servers.update({ serverId: first.id, ...update });
    const plan = await planOf('S');
    const propose = () => farm.client.placement.propose({ packageId: staticSite, planId: plan.id });
    const create = async (name: string) => {
      const job = await farm.client.instances.create({
        ...{ name, packageId: staticSite, planId: plan.id, serverId: first.id },
        requestKey: farm.key(),
      });
      return farm.settled(job);
    };
    const roomOf = async () => (await farm.client.servers.get({ serverId: first.id })).room;
    const before = await roomOf();
    expect(before).toBeGreaterThan(0);

    agent.says({ edge: edgeHealth('port-taken', { owner: 'nginx' }) });
    await expect.poll(roomOf).toBe(0);
    const refused = await propose();
    expect(refused.chosen).toBe(second.id);
    expect(refused.candidates.at(-1)).toMatchObject({
      ...{ serverId: first.id, verdict: 'refused' },
      reason: { code: 'edge', server: first.name, problem: 'portTaken', port: 443, address: '' },
    });
    const { state, failure } = await create('darkly');
    expect([state, failure]).toMatchObject([
      'stopped',
      { code: 'SERVER_DOES_NOT_FIT', parameters: { server: first.name, reason: 'edge' } },
    ]);

    agent.says({ edge: edgeHealth('serving') });
    await expect.poll(roomOf).toBe(before);
    expect((await propose()).candidates.map(({ verdict }) => verdict)).not.toContain('refused');
    expect((await create('brightly')).state).toBe('done');
  });

  test('refuses a plan of another package', async () => {
    const plan = await planOf('S');
    const other = packageId.parse('tiddlywiki');
    await expect(farm.client.placement.propose({ packageId: other, planId: plan.id })).rejects.toMatchObject({
      code: 'PLAN_NOT_OF_PACKAGE',
    });
  });
});
