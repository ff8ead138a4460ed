import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RehearsalRequest } from '#contract/api/jobs.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import type { FakeAgent } from '../../testing/fake-agent.ts';

const staticSite = packageId.parse('static-site');
let farm: TestCore;
let agent: FakeAgent;

beforeEach(async () => {
  farm = await createTestCore({ servers: 1 });
  const [only] = farm.agents;
  if (only === undefined) throw new Error('no agent');
  agent = only;
  // what a server that joined gets comes by itself, a moment later
  while (agent.certificates.size === 0) await new Promise((resolve) => setTimeout(resolve, 10));
});
afterEach(() => farm.close());

const rehearsed = async (act: RehearsalRequest) => (await farm.client.jobs.rehearse({ act })).changes;
const codesOf = async (act: RehearsalRequest): Promise<string[]> => (await rehearsed(act)).map(({ code }) => code).sort();

const create = { name: 'anna', packageId: staticSite, customer: { name: 'Anna Lind' } } as const;
async function made(): Promise<void> {
  const job = await farm.settled(await farm.client.instances.create({ ...create, requestKey: farm.key() }));
  expect(job.state).toBe('done');
}

/** Whether it is true is tried of every type by `jobs/rehearsed.test.ts`. */
describe('a rehearsal', () => {
  const theDomain = async () => {
    const found = (await farm.client.domains.list()).domains.find((one) => one.name === 'farm.test');
    if (found === undefined) throw new Error('no domain');
    return found;
  };

  test('of another access to a domain says that, and asks for no secret', async () => {
    const { id: domainId } = await theDomain();
    await farm.drivers.store.domains.patch(domainId, { dnsKind: 'powerdns', dnsSettings: { url: 'http://127.0.0.1:9' } });
    expect(await codesOf({ type: 'change-domain', domainId })).toEqual(['domain-access']);
  });

  test('says it in the reader’s language, with the names that people know', async () => {
    const [server] = (await farm.client.servers.list()).servers;
    const record = (await rehearsed({ type: 'create', ...create })).find(({ kind }) => kind === 'record');
    expect(record).toMatchObject({
      title: 'A DNS record',
      says: `anna.farm.test leads to ${server?.name} (${agent.publicAddress}).`,
      isCertain: true,
    });
    const { changes } = await farm.client.jobs.rehearse({ act: { type: 'create', ...create }, language: 'ru' });
    expect(changes.find(({ kind }) => kind === 'files')).toMatchObject({ title: `На ${server?.name}` });
    for (const { title, says } of changes) expect(`${title} ${says}`).not.toMatch(/[{}]|undefined/);
  });

  test('promises no DNS record where the farm’s own wildcard leads the name', async () => {
    const [server] = (await farm.client.servers.list()).servers;
    const [domain] = (await farm.client.domains.list()).domains;
    if (server === undefined || domain === undefined) throw new Error('no farm');
    const kept = await farm.client.domains.keepWildcard({ domainId: domain.id, serverId: server.id, requestKey: farm.key() });
    expect((await farm.settled(kept)).state).toBe('done');
    expect(await codesOf({ type: 'create', ...create })).not.toContain('record-in');
    await made();
    expect(await farm.drivers.store.ownedRecords.find()).toEqual([]);
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    expect(await codesOf({ type: 'remove', instanceId })).not.toContain('record-out');
  });

  test('may be asked by whoever may look, and refuses what is not there', async () => {
    await made();
    const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
    expect((await farm.as('look').jobs.rehearse({ act: { type: 'remove', instanceId } })).changes.length).toBeGreaterThan(5);
    const gone = instanceId.replace(/.$/, (last) => (last === '0' ? '1' : '0')) as typeof instanceId;
    await expect(rehearsed({ type: 'remove', instanceId: gone })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
