import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceView } from '#contract/api/instances.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

/** What follows an agent and what puts it in order are apart: whatever fails in the one must blind the farm in the other to nothing. */
let farm: TestCore;
/** The delays of the timers that have not come and were not called off. */
const pendingMs = new Map<symbol, number>();
beforeEach(async () => {
  pendingMs.clear();
  const after: typeof systemClock.after = (delayMs, call) => {
    const timer = Symbol('timer');
    pendingMs.set(timer, delayMs);
    const stop = systemClock.after(delayMs, () => {
      pendingMs.delete(timer);
      call();
    });
    return () => {
      pendingMs.delete(timer);
      stop();
    };
  };
  farm = await createTestCore({ servers: 1, clock: { ...systemClock, after } });
});
afterEach(() => farm.close());

const address = 'oak.test:7443';
const cutAndMend = (meanwhile: () => void): void => {
  farm.links.cut(address, true);
  meanwhile();
  farm.links.cut(address, false);
};
const agentOf = () => {
  const [agent] = farm.agents;
  if (agent === undefined) throw new Error('no agent');
  return agent;
};
async function made(name: string): Promise<InstanceView> {
  const job = await farm.client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: farm.key() });
  expect((await farm.settled(job)).state).toBe('done');
  return farm.client.instances.find({ name });
}
const stateOf = async (name: string): Promise<string> => (await farm.client.instances.find({ name })).condition.code;
const alertsNow = async () => {
  for await (const event of await farm.client.monitoring.watch()) if (event.kind === 'snapshot') return event.mirror.alerts;
  throw new Error('no snapshot');
};
const soon = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 8000, interval: 50 });

describe('an instance that its agent no longer has', () => {
  it('is missing, and told as what it is; the others are seen and led to as ever', async () => {
    const [anna, boris] = [await made('anna'), await made('boris')];
    const agent = agentOf();
    cutAndMend(() => {
      agent.instances.delete(anna.id);
      agent.routes.clear();
    });
    await soon(() => stateOf('anna')).toBe('missing');
    await soon(async () => agent.routes.has('boris.farm.test')).toBe(true);
    agent.change(boris.id, { health: 'unhealthy', healthAnswer: '502' });
    await soon(() => stateOf('boris')).toBe('unhealthy');
    const alerts = await alertsNow();
    expect(alerts.map(({ code, parameters }) => [code, parameters['name']])).toEqual(
      expect.arrayContaining([
        ['instance-missing', 'anna'],
        ['instance-unhealthy', 'boris'],
      ]),
    );
    expect(agent.routes.has('anna.farm.test')).toBe(false);
  });

  it('is missing also when it is suspended: that its data may have gone is not less so', async () => {
    const anna = await made('anna');
    await farm.settled(await farm.client.instances.suspend({ instanceId: anna.id, requestKey: farm.key() }));
    cutAndMend(() => agentOf().instances.delete(anna.id));
    await soon(() => stateOf('anna')).toBe('missing');
  });
});

describe.each(['certificates.list', 'edge.routes', 'packages.list', 'servers.facts', 'monitoring.since'] as const)(
  'an agent whose command %s fails whenever it is connected',
  (command) => {
    it('is followed all the same: what its instances do is seen', async () => {
      const anna = await made('anna');
      const agent = agentOf();
      cutAndMend(() => agent.failNext(command, new FarmError('DISK_FULL', { server: 'Oak', path: '/' }), 1_000_000));
      await soon(() => stateOf('anna')).toBe('running');
      agent.change(anna.id, { health: 'unhealthy', healthAnswer: '502' });
      await soon(() => stateOf('anna')).toBe('unhealthy');
      agent.change(anna.id, { health: 'healthy', healthAnswer: '200' });
      await soon(() => stateOf('anna')).toBe('running');
    });
  },
);

it('what cannot be put in order is told with its cause', async () => {
  await made('anna');
  const agent = agentOf();
  cutAndMend(() => agent.failNext('edge.routes', new FarmError('DISK_FULL', { server: 'Oak', path: '/srv' }), 1_000_000));
  await soon(async () => (await alertsNow()).find(({ code }) => code === 'server-drift')).toMatchObject({
    mark: 'warning',
    parameters: { what: 'route', server: 'Oak' },
    failure: { code: 'DISK_FULL' },
  });
});

it('an agent whose list of instances cannot be followed leaves them unknown, never running for ever', async () => {
  const anna = await made('anna');
  const agent = agentOf();
  cutAndMend(() => agent.failNext('instances.watch', new FarmError('DISK_FULL', { server: 'Oak', path: '/' }), 1_000_000));
  await soon(() => stateOf('anna')).toBe('not-seen');
  expect(anna.condition.code).toBe('running');
});

it('a list that is not followed keeps no timer once it is followed again, and none of a server that is gone', async () => {
  const agent = agentOf();
  const patience = () => [...pendingMs.values()].filter((delayMs) => delayMs === 15_000).length;
  const [server] = (await farm.client.servers.list()).servers;
  if (server === undefined) throw new Error('no server');
  const before = patience();
  const breakOff = () => {
    agent.failNext('instances.watch', new FarmError('DISK_FULL', { server: 'Oak', path: '/' }), 1);
    agent.endWatching();
  };
  breakOff();
  await soon(async () => patience()).toBe(before + 1);
  await soon(async () => patience()).toBe(before);
  breakOff();
  await soon(async () => patience()).toBe(before + 1);
  await farm.settled(await farm.client.servers.remove({ serverId: server.id, requestKey: farm.key() }));
  expect(patience()).toBe(before);
});
