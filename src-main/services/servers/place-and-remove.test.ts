import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageId, type ServerId } from '#contract/ids.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/index.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

/** A server is taken out of the farm while an instance is placed on it: one of the two is refused, and nobody's instance is wiped. */
let farm: TestCore;
let waitAt: { readonly point: string; readonly reached: () => void; readonly go: Promise<void> } | undefined;
/** Between placement's look at the servers and its reservation. */
let afterLook: (() => Promise<unknown>) | undefined;
let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-place-'));
  const store = await openSqliteStore({ file: join(home, 'farm.sqlite'), clock: systemClock });
  const find: typeof store.servers.find = async (where) => {
    const rows = await store.servers.find(where);
    const act = afterLook;
    afterLook = undefined;
    await act?.();
    return rows;
  };
  farm = await createTestCore({
    servers: 2,
    home,
    drivers: { store: { ...store, servers: { ...store.servers, find } } },
    failPoint: async (name) => {
      if (name !== waitAt?.point) return;
      const { reached, go } = waitAt;
      waitAt = undefined;
      reached();
      await go;
    },
  });
});
afterEach(async () => {
  await farm.close();
  await rm(home, { recursive: true, force: true });
});

const oak = async (): Promise<ServerId> => {
  const found = (await farm.client.servers.list()).servers.find(({ name }) => name === 'Oak');
  if (found === undefined) throw new Error('no Oak');
  return found.id;
};
const create = (name: string, serverId?: ServerId) =>
  farm.client.instances.create({ name, packageId: packageId.parse('static-site'), serverId, requestKey: farm.key() });
const remove = (serverId: ServerId) => farm.client.servers.remove({ serverId, requestKey: farm.key() });

/** No row names a server that is not there, and every agent has exactly the instances that the farm placed on its server. */
async function expectWhole(): Promise<void> {
  const { store } = farm.drivers;
  const servers = await store.servers.find();
  const instances = await store.instances.find();
  for (const { name, serverId, desired } of instances) {
    if (serverId === null) continue;
    const server = servers.find(({ id }) => id === serverId);
    expect(server, `the server of ${name}`).toBeDefined();
    const agent = farm.agents.find((one) => one.name === server?.name);
    if (desired === 'running') expect([...(agent?.instances.values() ?? [])].map(({ spec }) => spec.name)).toContain(name);
  }
}

test('a create that is placed while the agent is told to leave goes to another server', async () => {
  const serverId = await oak();
  const agent = farm.agents.find(({ name }) => name === 'Oak');
  const release = agent?.hold('link.leave');
  const removing = remove(serverId).then(farm.settled);
  await expect.poll(() => agent?.isHeld('link.leave')).toBe(true);
  const job = await farm.settled(await create('anna'));
  const pinned = await farm.settled(await create('berta', serverId));
  release?.();
  await removing;
  expect(job.state).toBe('done');
  expect((await farm.client.instances.find({ name: 'anna' })).server?.name).toBe('Pine');
  expect(pinned).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_DOES_NOT_FIT', parameters: { reason: 'leaving' } } });
  expect((await farm.settled(await farm.client.jobs.undo({ jobId: pinned.id, requestKey: farm.key() }))).state).toBe('undone');
  await expectWhole();
  expect((await farm.client.servers.list()).servers.map(({ name }) => name)).toEqual(['Pine']);
});

test.each([false, true])(
  'a server that begins to leave between the choice and the reservation takes nobody (pinned: %s)',
  async (isPinned) => {
    const [plan] = (await farm.client.plans.list({ packageId: packageId.parse('static-site') })).plans;
    if (plan === undefined) throw new Error('no plan');
    const { chosen } = await farm.client.placement.propose({ packageId: packageId.parse('static-site'), planId: plan.id });
    if (chosen === undefined) throw new Error('no server was proposed');
    const reached = new Promise<void>((resolve) => {
      waitAt = { point: 'create.place.before', reached: resolve, go: Promise.resolve() };
    });
    const releases = farm.agents.map((agent) => agent.hold('link.leave'));
    let removal: Promise<unknown> = Promise.resolve();
    void reached.then(() => {
      afterLook = async () => {
        const begun = remove(chosen);
        removal = begun.then((answer) => farm.settled(answer));
        // marked by then
        await Promise.race([begun, expect.poll(() => farm.agents.some((agent) => agent.isHeld('link.leave'))).toBe(true)]);
      };
    });
    const job = await farm.settled(await create('anna', isPinned ? chosen : undefined));
    for (const release of releases) release();
    await removal;
    await expectWhole();
    expect(afterLook).toBeUndefined();
    if (!isPinned) expect(job.state).toBe('done');
    else expect(job).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_DOES_NOT_FIT', parameters: { reason: 'leaving' } } });
    expect((await farm.client.servers.list()).servers.map(({ id }) => id)).not.toContain(chosen);
  },
);

describe('at whatever moment', () => {
  const points = [
    'check.before',
    'check.after',
    'place.before',
    'place.after',
    'dns.after',
    'setup.before',
    'start.after',
    'handover.after',
  ];
  test.each(points)('of a create: at %s', async (step) => {
    const serverId = await oak();
    const reached = new Promise<void>((resolve) => {
      let go: () => void = () => undefined;
      waitAt = { point: `create.${step}`, reached: resolve, go: new Promise((release) => (go = release)) };
      release = go;
    });
    const job = await create('anna', serverId);
    await reached;
    const removal = await remove(serverId).then(
      async (answer) => (await farm.settled(answer)) && ('gone' as const),
      (error: { code: string }) => error.code,
    );
    release();
    const ended = await farm.settled(job);
    await expectWhole();
    // whoever came first has won
    if (removal === 'gone') expect(ended.state).toBe('stopped');
    else expect([removal, ended.state]).toEqual(['SERVER_NOT_EMPTY', 'done']);
  });
  let release: () => void = () => undefined;

  test('of both: many of each at once', async () => {
    const serverId = await oak();
    for (let turn = 0; turn < 12; turn += 1) {
      const creating = create(`anna-${turn}`).then((job) => farm.settled(job));
      for (let tick = 0; tick < turn * 3; tick += 1) await new Promise((resolve) => setImmediate(resolve));
      const removal = await remove(serverId).then(
        async (answer) => (await farm.settled(answer)) && ('gone' as const),
        (error: { code: string }) => error.code,
      );
      const job = await creating;
      expect(job.state).toBe('done');
      await expectWhole();
      if (removal === 'gone') return;
      expect(removal).toBe('SERVER_NOT_EMPTY');
      const { id } = await farm.client.instances.find({ name: `anna-${turn}` });
      expect((await farm.settled(await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() }))).state).toBe('done');
    }
  });
});
