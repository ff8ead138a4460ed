import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

let farm: TestCore;
beforeEach(async () => {
  farm = await createTestCore({ servers: 2 });
});
afterEach(() => farm.close());

const rowOf = async (id: string) => farm.drivers.store.servers.get(id);
const oak = async () => {
  const found = (await farm.client.servers.list()).servers.find(({ name }) => name === 'Oak');
  if (found === undefined) throw new Error('no Oak');
  return found.id;
};
const update = (serverId: Awaited<ReturnType<typeof oak>>, change: object) =>
  farm.client.servers.update({ serverId, ...change, requestKey: farm.key() });

const address = async (serverId: Awaited<ReturnType<typeof oak>>, ...publicAddresses: string[]) =>
  expect((await farm.settled(await farm.client.servers.address({ serverId, publicAddresses, requestKey: farm.key() }))).state).toBe('done');

describe('what a person changes while a server is asked', () => {
  test('stays after a check', async () => {
    const serverId = await oak();
    const release = farm.agents[0]?.hold('servers.facts');
    const checking = farm.client.servers.check({ serverId, requestKey: farm.key() });
    await update(serverId, { name: 'Elm' });
    await address(serverId, '198.51.100.77');
    release?.();
    expect((await checking).server).toMatchObject({ name: 'Elm', publicAddresses: [{ address: '198.51.100.77', state: 'confirmed' }] });
    expect(await rowOf(serverId)).toMatchObject({ name: 'Elm', publicAddresses: [{ address: '198.51.100.77', state: 'confirmed' }] });
  });

  test('stays after a check that failed, and is what the check tells', async () => {
    const serverId = await oak();
    farm.links.cut('oak.test:7443', true);
    const [checked] = await Promise.all([
      farm.client.servers.check({ serverId, requestKey: farm.key() }),
      update(serverId, { isDraining: true }),
    ]);
    expect(checked.failure?.code).toBe('SERVER_UNREACHABLE');
    expect(await rowOf(serverId)).toMatchObject({ isDraining: true });
  });

  test('stays after a connection has told its facts', async () => {
    const serverId = await oak();
    const release = farm.agents[0]?.hold('servers.facts');
    farm.links.cut('oak.test:7443', true);
    farm.links.cut('oak.test:7443', false);
    await update(serverId, { name: 'Elm', isDraining: true });
    release?.();
    await expect.poll(async () => (await rowOf(serverId))?.seenAtMs).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await rowOf(serverId)).toMatchObject({ name: 'Elm', isDraining: true });
  });

  test('a server that was removed meanwhile stays removed', async () => {
    const serverId = await oak();
    const release = farm.agents[0]?.hold('servers.facts');
    const checking = farm.client.servers.check({ serverId, requestKey: farm.key() });
    const asked = expect(checking).rejects.toMatchObject({ code: 'NOT_FOUND', data: { kind: 'server' } });
    await farm.settled(await farm.client.servers.remove({ serverId, isGivenUp: true, requestKey: farm.key() }));
    release?.();
    await asked;
    expect(await rowOf(serverId)).toBeUndefined();
  });
});

test('two people who change different things at once have both changed them', async () => {
  const serverId = await oak();
  await Promise.all([update(serverId, { name: 'Elm' }), update(serverId, { isDraining: true }), address(serverId, '198.51.100.9')]);
  expect(await rowOf(serverId)).toMatchObject({ name: 'Elm', isDraining: true, publicAddresses: [{ address: '198.51.100.9' }] });
  await Promise.all([
    farm.client.settings.update({ name: 'Another', requestKey: farm.key() }),
    farm.client.settings.update({ language: 'ru', requestKey: farm.key() }),
    farm.client.settings.update({ timeZone: 'Europe/Riga', requestKey: farm.key() }),
  ]);
  const changed = { name: 'Another', language: 'ru', timeZone: 'Europe/Riga' };
  expect((await farm.client.settings.get()).farm).toMatchObject(changed);
  expect(await farm.drivers.store.farms.find()).toMatchObject([changed]);
});

test('of two who give two servers one name at once, one is refused', async () => {
  const [first, second] = (await farm.client.servers.list()).servers;
  if (first === undefined || second === undefined) throw new Error('no servers');
  const results = await Promise.allSettled([update(first.id, { name: 'Elm' }), update(second.id, { name: 'ELM' })]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'EXISTS' } });
});
