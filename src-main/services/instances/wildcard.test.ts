import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createTranslate } from '#words/translate.ts';
import type { WrittenType } from '../../model/domains/dns-records.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

/** The owner's zone has a wildcard: names are answered before we write and after we took ours out. */
let zone: TestZone;
let farm: TestCore;
let atProof: (() => Promise<void>) | undefined;

beforeEach(async () => {
  zone = await createTestZone();
  atProof = undefined;
  farm = await createTestCore({
    servers: 1,
    drivers: { createDns: zone.createDns },
    failPoint: (name) => (name === 'remove.proof.before' ? atProof?.() : undefined),
  });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

const ended = (job: JobView): Promise<JobView> => farm.settled(job);
const create = (name: string, domainName = 'farm.test') =>
  farm.client.domains.list().then(({ domains }) =>
    farm.client.instances.create({
      name,
      packageId: packageId.parse('static-site'),
      domainId: domains.find((domain) => domain.name === domainName)?.id,
      requestKey: farm.key(),
    }),
  );
async function madeAndRemoved(name: string, domainName?: string): Promise<JobView> {
  expect(await ended(await create(name, domainName))).toMatchObject({ state: 'done' });
  const { id } = await farm.client.instances.find({ name });
  return ended(await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() }));
}
const proofLines = (job: JobView): string[] => {
  const words = createTranslate('en', 'UTC');
  const keys = { record: 'jobs.trace.record.absent', wildcard: 'jobs.trace.wildcard.absent' } as const;
  return job.traces.flatMap(({ code, parameters, isPresent }) => {
    if (code !== 'record' && code !== 'wildcard') return [];
    expect(isPresent).toBe(false);
    return [words.say(keys[code], parameters)];
  });
};

describe('under a wildcard, an instance is made and removed, and the proof says who answers now', () => {
  test.each<[string, WrittenType, string, string]>([
    ['of our own server’s address', 'A', '198.51.100.1', '198.51.100.1 (Oak)'],
    ['of a stranger’s address', 'A', '203.0.113.9', '203.0.113.9'],
    ['of the other family', 'AAAA', '2001:db8::9', '2001:db8::9'],
    ['that leads out of the zone', 'CNAME', 'balancer.provider.example', 'balancer.provider.example'],
    ['that leads to a name in the zone', 'CNAME', 'edge.farm.test', 'edge.farm.test'],
  ])('%s', async (_which, type, value, leads) => {
    await zone.put('edge.farm.test', 'A', '198.51.100.1');
    await zone.put('*.farm.test', type, value);
    const job = await madeAndRemoved('anna');
    expect(job).toMatchObject({ state: 'done' });
    expect(proofLines(job)).toEqual([
      `DNS: anna.farm.test has no A 198.51.100.1 of its own any more. The wildcard *.farm.test still answers for the name and leads to ${leads}`,
    ]);
    expect(await farm.drivers.store.ownedRecords.find()).toEqual([]);
    expect((await zone.recordsAt('*.farm.test')).map((set) => [set.type, ...set.values])).toEqual([[type, expect.stringContaining(value)]]);
  });

  test('that stands above the farm’s domain', async () => {
    await zone.nameServer.createZone('shop.test', []);
    await zone.put('*.shop.test', 'A', '203.0.113.9');
    const dns = { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'unused' } as const;
    await farm.addDomain('apps.shop.test', dns);
    const job = await madeAndRemoved('berta', 'apps.shop.test');
    expect(job).toMatchObject({ state: 'done' });
    expect(proofLines(job)).toEqual([
      'DNS: berta.apps.shop.test has no A 198.51.100.1 of its own any more. The wildcard *.shop.test still answers for the name and leads to 203.0.113.9',
    ]);
  });

  test('a wildcard without addresses answers nothing', async () => {
    await zone.put('*.farm.test', 'TXT', 'v=spf1 -all');
    expect(proofLines(await madeAndRemoved('clara'))).toEqual(['DNS: clara.farm.test has no A 198.51.100.1']);
  });

  test('a record that came back is not taken for the wildcard’s answer', async () => {
    await zone.put('*.farm.test', 'A', '198.51.100.1');
    atProof = () => zone.put('dora.farm.test', 'A', '198.51.100.1');
    expect(await madeAndRemoved('dora')).toMatchObject({
      state: 'stopped',
      failure: { code: 'STILL_THERE', parameters: { what: 'record' } },
    });
  });

  test('a create is undone', async () => {
    await zone.put('*.farm.test', 'CNAME', 'balancer.provider.example');
    for (const agent of farm.agents) agent.failNext('edge.putRoute', new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' }));
    const stopped = await ended(await create('emil'));
    expect(stopped.state).toBe('stopped');
    const undone = await ended(await farm.client.jobs.undo({ jobId: stopped.id, requestKey: farm.key() }));
    expect(undone.state).toBe('undone');
    expect(proofLines(undone)).toEqual([expect.stringContaining('leads to balancer.provider.example')]);
  });
});

describe('a name that somebody else has in the zone', () => {
  test.each<[WrittenType, string]>([
    ['A', '203.0.113.9'],
    ['CNAME', 'elsewhere.example'],
  ])('as %s is refused while it is typed, and before anything is made', async (type, value) => {
    await zone.put('hugo.farm.test', type, value);
    expect(await farm.client.instances.checkName({ name: 'hugo' })).toEqual({
      verdict: 'refused',
      code: 'DNS_UNSAFE',
      parameters: { name: 'hugo.farm.test', found: `${type} ${value}` },
      proposal: 'hugo-2',
    });
    await expect(create('hugo')).rejects.toMatchObject({ code: 'DNS_UNSAFE' });
    expect(await farm.drivers.store.instances.find()).toEqual([]);
    expect((await farm.drivers.store.jobs.find()).filter(({ type }) => type === 'create')).toEqual([]);
  });

  test.each([
    ['ALIAS', ['balancer.provider.example.'], []],
    ['LUA', ['A "ifportup(443, {\'192.0.2.9\'})"'], []],
    ['HTTPS', ['1 elsewhere.example. alpn=h2'], []],
    ['A', [], ['203.0.113.9']],
  ])('as %s that answers by itself, or that its owner turned off, is refused too', async (type, values, disabled) => {
    const { list } = zone.nameServer;
    const foreign = { name: 'ida.farm.test', type, ttlSeconds: 60, values, ...(disabled.length === 0 ? {} : { disabled }) };
    zone.as.list = async (at, filter, call) => (filter?.name === 'ida.farm.test' ? [foreign] : list(at, filter, call));
    expect(await farm.client.instances.checkName({ name: 'ida' })).toMatchObject({ verdict: 'refused', code: 'DNS_UNSAFE' });
    await expect(create('ida')).rejects.toMatchObject({ code: 'DNS_UNSAFE', data: { found: expect.stringContaining(type) } });
    expect((await farm.drivers.store.jobs.find()).filter(({ type }) => type === 'create')).toEqual([]);
  });

  test('a text beside our record harms nobody', async () => {
    await zone.put('frida.farm.test', 'TXT', 'proof=1');
    expect(await farm.client.instances.checkName({ name: 'frida' })).toMatchObject({ verdict: 'free' });
    expect(await madeAndRemoved('frida')).toMatchObject({ state: 'done' });
  });

  test('a name server that says nothing does not hold the typing up', async () => {
    zone.as.list = () => new Promise(() => undefined);
    const began = performance.now();
    expect(await farm.client.instances.checkName({ name: 'gustav' })).toMatchObject({ verdict: 'free' });
    expect(performance.now() - began).toBeLessThan(1500);
  });
});
