import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createTranslate } from '#words/translate.ts';
import { lacksAuthority } from '../../model/domains/name-outcome.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createFakeProbe } from '../../testing/fake-probe.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

/** Name servers that are reached and have no say about a name: what they then answer, instead of what our own says. */
const outcomes = ['lame', 'SERVFAIL', 'REFUSED', 'NOTAUTH', 'FORMERR', 'alias-outside'];
let zone: TestZone;
let farm: TestCore;
let outcome: string | undefined;

const real = createFakeProbe({ clock: { nowMs: Date.now }, agents: () => farm.agents });
const probe: OutsideProbe = {
  request: real.request,
  lookup: async (name, servers, options) =>
    outcome === undefined
      ? real.lookup(name, servers, options)
      : servers.map(({ address, port }) => ({ server: `${address}:${port}`, addresses: [], outcome: outcome ?? '', durationMs: 1 })),
};

beforeEach(async () => {
  outcome = undefined;
  zone = await createTestZone();
  farm = await createTestCore({ servers: 1, drivers: { createDns: zone.createDns, probe } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

const create = (name: string) => farm.client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: farm.key() });
const made = async (name: string): Promise<void> => expect(await farm.settled(await create(name))).toMatchObject({ state: 'done' });
const removed = async (name: string): Promise<JobView> => {
  const { id } = await farm.client.instances.find({ name });
  return farm.settled(await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() }));
};
const parentRecords = async (name: string) => {
  const { nameServer } = zone;
  return nameServer.list(await nameServer.findZone('farm.test'), { name });
};
const recordLeftovers = (job: JobView) =>
  job.traces.filter(({ code }) => code === 'record').map(({ isPresent, witness }) => [isPresent, witness]);

describe('where name servers have no say about a name, the list of the provider decides', () => {
  test.each(outcomes)('and an instance is removed (%s)', async (said) => {
    await made('anna');
    outcome = said;
    const job = await removed('anna');
    expect(job).toMatchObject({ state: 'done' });
    expect(recordLeftovers(job)).toEqual([[false, lacksAuthority(said) ? 'core' : expect.stringContaining('127.0.0.1')]]);
    expect(await zone.recordsAt('anna.farm.test')).toEqual([]);
    expect(await farm.drivers.store.ownedRecords.find()).toEqual([]);
  });

  test.each(['lame', 'SERVFAIL'])('and a create is undone (%s), and the domain can be removed', async (said) => {
    for (const agent of farm.agents) agent.failNext('edge.putRoute', new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' }));
    const stopped = await farm.settled(await create('berta'));
    expect(stopped.state).toBe('stopped');
    outcome = said;
    expect(await farm.settled(await farm.client.jobs.undo({ jobId: stopped.id, requestKey: farm.key() }))).toMatchObject({
      state: 'undone',
    });
    expect(await zone.recordsAt('berta.farm.test')).toEqual([]);
    const [domain] = (await farm.client.domains.list()).domains;
    if (domain === undefined) throw new Error('no domain');
    expect(await farm.settled(await farm.client.domains.remove({ domainId: domain.id, requestKey: farm.key() }))).toMatchObject({
      state: 'done',
    });
  });

  test('which is asked for the record, not believed to be empty', async () => {
    await made('clara');
    const standing = await zone.recordsAt('clara.farm.test');
    outcome = 'SERVFAIL';
    zone.as.apply = async () => undefined;
    zone.as.list = async () => standing;
    const { id } = await farm.client.instances.find({ name: 'clara' });
    const job = await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() });
    const stop = new AbortController();
    for await (const view of await farm.client.jobs.watch({ jobId: job.id }, { signal: stop.signal })) {
      if (view.steps.find(({ name }) => name === 'dns')?.waiting?.code !== 'dns-gone') continue;
      expect(view.state).toBe('running');
      break;
    }
    await farm.client.jobs.cancel({ jobId: job.id, requestKey: farm.key() });
  });

  test('and a name that got a zone of its own leaves nothing in the zone above it', async () => {
    await made('dora');
    await zone.nameServer.createZone('dora.farm.test', []);
    expect(await parentRecords('dora.farm.test')).toHaveLength(1);
    expect(await removed('dora')).toMatchObject({ state: 'done' });
    expect(await parentRecords('dora.farm.test')).toEqual([]);
  });
});

test('what such a name server says has a sentence of its own, which does not speak of keys', () => {
  for (const language of ['en', 'ru'] as const) {
    const words = createTranslate(language, 'UTC');
    const other = words.say('error.DNS_REFUSED', { domain: 'farm.test', name: 'anna.farm.test', server: 'ns1', reason: 'anything' });
    expect(other).toMatch(/key|ключ/);
    for (const reason of outcomes.filter(lacksAuthority)) {
      const said = words.say('error.DNS_REFUSED', { domain: 'farm.test', name: 'anna.farm.test', server: 'ns1', reason });
      expect(said, reason).not.toMatch(/key|ключ/);
      expect(said, reason).toContain('anna.farm.test');
    }
  }
});
