import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { type DomainId, packageId, type ServerId } from '#contract/ids.ts';
import { createHoldJobs, type HoldJobs } from '../../testing/hold-jobs.ts';
import { type TestCore, testDomain } from '../../testing/create-test-core.ts';

/** A wildcard that the farm keeps for a server follows its public addresses. One whose core dies: `address-wildcard-cut-off.test.ts`. */
let jobs: HoldJobs;
let farm: TestCore;
let serverId: ServerId;
let domainId: DomainId;
const key = randomUUID;
const wildcard = `*.${testDomain}`;
let last = 10;
const fresh = (): string => {
  last += 1;
  return `198.51.100.${last}`;
};

beforeAll(async () => {
  jobs = await createHoldJobs(1);
  farm = jobs.farm;
  const [server] = (await farm.client.servers.list()).servers;
  const [domain] = (await farm.client.domains.list()).domains;
  if (server === undefined || domain === undefined) throw new Error('no farm');
  serverId = server.id;
  domainId = domain.id;
  expect((await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId, requestKey: key() }))).state).toBe('done');
  const anna = await farm.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: key() });
  expect((await farm.settled(anna)).state).toBe('done');
});
afterAll(() => jobs.end());

const address = (...publicAddresses: string[]): Promise<JobView> =>
  farm.client.servers.address({ serverId, publicAddresses, requestKey: key() });
const moved = async (to: string): Promise<void> => expect((await farm.settled(await address(to))).state).toBe('done');
/** Where the wildcard leads, what the farm says of it, and whom a visitor of an instance reaches. */
async function led() {
  const [row] = await farm.drivers.store.domains.find();
  const own = await jobs.zoneValues(testDomain, `anna.${testDomain}`);
  const standing = await jobs.zoneValues(testDomain, wildcard);
  return { standing, kept: row?.dnsSettings['wildcard'], anna: own.length > 0 ? own : standing };
}
const at = (...values: string[]) => ({ standing: values, kept: { serverId, values, isRelied: true }, anna: values });
const locks = () => farm.drivers.store.locks.find();

test('it follows by itself, is relied on again, and its rehearsal says so', async () => {
  const to = fresh();
  const act = { type: 'address-server' as const, serverId, publicAddresses: [to] };
  const { changes } = await farm.client.jobs.rehearse({ act });
  expect(changes.map(({ code }) => code)).toEqual(expect.arrayContaining(['wildcard-record-in', 'kept-wildcard-in']));
  expect(changes.find(({ code }) => code === 'wildcard-record-in')?.says).toBe(`${wildcard} leads to the server.`);
  const job = await farm.settled(await address(to));
  expect(job).toMatchObject({ state: 'done', steps: [{}, {}, { name: 'wildcard', state: 'done' }, { name: 'rely', state: 'done' }] });
  expect(await led()).toEqual(at(to));
  expect(await locks()).toEqual([]);
});

describe('beside jobs of its domain', () => {
  test('it is refused while the wildcard is taken out, and changes nothing', async () => {
    const from = fresh();
    await moved(from);
    const held = jobs.holdAt('drop-wildcard.wildcard.before');
    const dropping = await farm.client.domains.dropWildcard({ domainId, requestKey: key() });
    const { go } = await held;
    await expect(address(fresh())).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: testDomain, jobId: dropping.id } });
    expect((await farm.client.servers.get({ serverId })).publicAddresses.map((one) => one.address)).toEqual([from]);
    go();
    expect((await farm.settled(dropping)).state).toBe('done');
    expect((await led()).standing).toEqual([]);
  });

  test('without a wildcard its steps are skipped; while one moves it is not taken out', async () => {
    const job = await farm.settled(await address(fresh()));
    expect(job).toMatchObject({ state: 'done', steps: [{}, {}, { state: 'skipped' }, { state: 'skipped' }] });
    expect((await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId, requestKey: key() }))).state).toBe('done');
    const to = fresh();
    const held = jobs.holdAt('address-server.wildcard.before');
    const moving = await address(to);
    const { go } = await held;
    const drop = () => farm.client.domains.dropWildcard({ domainId, requestKey: key() });
    await expect(drop()).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: testDomain, jobId: moving.id } });
    go();
    expect((await farm.settled(moving)).state).toBe('done');
    expect((await farm.settled(await drop())).state).toBe('done');
    expect(await led()).toEqual({ standing: [], kept: undefined, anna: [to] });
    expect((await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId, requestKey: key() }))).state).toBe('done');
  });
});
