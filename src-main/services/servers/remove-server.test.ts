import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

let farm: TestCore;
beforeEach(async () => {
  farm = await createTestCore({ servers: 2 });
});
afterEach(() => farm.close());

const names = async (): Promise<string[]> => (await farm.client.servers.list()).servers.map(({ name }) => name).sort();
const oak = async () => {
  const found = (await farm.client.servers.list()).servers.find(({ name }) => name === 'Oak');
  if (found === undefined) throw new Error('no Oak');
  return found.id;
};

test('an empty server leaves, and its agent with it', async () => {
  const left = await farm.client.servers.remove({ serverId: await oak(), requestKey: farm.key() });
  expect(left).toMatchObject({ isAgentTold: true });
  expect(await names()).toEqual(['Pine']);
});

test('one whose agent cannot be told stays, until a person gives it up', async () => {
  const serverId = await oak();
  farm.links.cut('oak.test:7443', true);
  await expect(farm.client.servers.remove({ serverId, requestKey: farm.key() })).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  expect(await names()).toEqual(['Oak', 'Pine']);
  const left = await farm.client.servers.remove({ serverId, isGivenUp: true, requestKey: farm.key() });
  expect(left).toEqual({ serverId, isAgentTold: false });
  expect(await names()).toEqual(['Pine']);
});

test('one that answers is told also when it is given up', async () => {
  const left = await farm.client.servers.remove({ serverId: await oak(), isGivenUp: true, requestKey: farm.key() });
  expect(left).toMatchObject({ isAgentTold: true });
});

test('one with instances is not given up', async () => {
  const serverId = await oak();
  const job = await farm.client.instances.create({
    name: 'anna',
    packageId: packageId.parse('static-site'),
    serverId,
    requestKey: farm.key(),
  });
  for await (const _ of await farm.client.jobs.watch({ jobId: job.id }));
  farm.links.cut('oak.test:7443', true);
  await expect(farm.client.servers.remove({ serverId, isGivenUp: true, requestKey: farm.key() })).rejects.toMatchObject({
    code: 'SERVER_NOT_EMPTY',
  });
});

test('one to which the farm’s own wildcard leads is named with it, until the wildcard is out', async () => {
  const serverId = await oak();
  const [domain] = (await farm.client.domains.list()).domains;
  if (domain === undefined) throw new Error('no domain');
  await farm.settled(await farm.client.domains.keepWildcard({ domainId: domain.id, serverId, requestKey: farm.key() }));
  await expect(farm.client.servers.remove({ serverId, requestKey: farm.key() })).rejects.toMatchObject({
    code: 'SERVER_HAS_WILDCARD',
    data: { server: 'Oak', domain: domain.name },
  });
  await farm.settled(await farm.client.domains.dropWildcard({ domainId: domain.id, requestKey: farm.key() }));
  expect(await farm.client.servers.remove({ serverId, requestKey: farm.key() })).toMatchObject({ isAgentTold: true });
});
