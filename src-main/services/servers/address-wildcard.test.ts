import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { type DomainId, packageId, type ServerId } from '#contract/ids.ts';
import { stepId } from '../../engine/job-records.ts';
import { type CutOff, createCutOff } from '../../testing/cut-off.ts';
import { type TestCore, testDomain } from '../../testing/create-test-core.ts';

/** A wildcard that the farm keeps for a server follows its public addresses. */
let cut: CutOff;
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
  cut = await createCutOff(1);
  farm = cut.first;
  const [server] = (await farm.client.servers.list()).servers;
  const [domain] = (await farm.client.domains.list()).domains;
  if (server === undefined || domain === undefined) throw new Error('no farm');
  serverId = server.id;
  domainId = domain.id;
  expect((await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId, requestKey: key() }))).state).toBe('done');
  const anna = await farm.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: key() });
  expect((await farm.settled(anna)).state).toBe('done');
});
afterAll(() => cut.end());

const address = (core: TestCore, ...publicAddresses: string[]): Promise<JobView> =>
  core.client.servers.address({ serverId, publicAddresses, requestKey: key() });
const moved = async (to: string): Promise<void> => expect((await farm.settled(await address(farm, to))).state).toBe('done');
/** Where the wildcard leads, what the farm says of it, and whom a visitor of an instance reaches. */
async function led(core: TestCore) {
  const [row] = await core.drivers.store.domains.find();
  const own = await cut.zoneValues(testDomain, `anna.${testDomain}`);
  const standing = await cut.zoneValues(testDomain, wildcard);
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
  const job = await farm.settled(await address(farm, to));
  expect(job).toMatchObject({ state: 'done', steps: [{}, {}, { name: 'wildcard', state: 'done' }, { name: 'rely', state: 'done' }] });
  expect(await led(farm)).toEqual(at(to));
  expect(await locks()).toEqual([]);
});

test('undone, whoever relied on it alone is found by it again, and has no record of their own', async () => {
  const [from, to] = [farm.agents[0]?.publicAddress ?? '', fresh()];
  await moved(from);
  const berta = await farm.client.instances.create({ name: 'berta', packageId: packageId.parse('static-site'), requestKey: key() });
  expect((await farm.settled(berta)).state).toBe('done');
  const own = () => cut.zoneValues(testDomain, `berta.${testDomain}`);
  expect(await own()).toEqual([]);
  const dead = cut.dieAt('address-server.rely.after');
  const job = await address(farm, to);
  await dead;
  expect(await own()).toEqual([to]);
  const next = await cut.reopen();
  try {
    expect((await next.settled(await next.client.jobs.undo({ jobId: job.id, requestKey: key() }))).state).toBe('undone');
    expect([await own(), await led(next)]).toEqual([[], at(from)]);
  } finally {
    await next.core.close();
  }
});

test('a job of the version before, which knew no wildcard, goes on to its end', async () => {
  const [from, to] = [fresh(), fresh()];
  await moved(from);
  const dead = cut.dieAt('address-server.row.after');
  const job = await address(farm, to);
  await dead;
  const { store } = farm.drivers;
  const row = await store.jobs.get(job.id);
  if (row === undefined) throw new Error('no job');
  const { wildcards: _none, ...input } = row.input;
  await store.jobs.put({ ...row, version: 1, input });
  for (const index of [2, 3]) await store.jobSteps.remove(stepId(job.id, index));
  const domain = await store.domains.get(domainId);
  if (domain === undefined) throw new Error('no domain');
  await store.domains.patch(domainId, { dnsSettings: { ...domain.dnsSettings, wildcard: { serverId, values: [from], isRelied: true } } });
  const next = await cut.reopen();
  try {
    expect((await next.settled(await next.client.jobs.continue({ jobId: job.id, requestKey: key() }))).state).toBe('done');
    expect(await led(next)).toEqual({ ...at(from), anna: [to] });
  } finally {
    await next.core.close();
  }
});

describe('beside jobs of its domain', () => {
  test('it is refused while the wildcard is taken out, and changes nothing', async () => {
    const from = fresh();
    await moved(from);
    const held = cut.holdAt('drop-wildcard.wildcard.before');
    const dropping = await farm.client.domains.dropWildcard({ domainId, requestKey: key() });
    const { go } = await held;
    await expect(address(farm, fresh())).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: testDomain, jobId: dropping.id } });
    expect((await farm.client.servers.get({ serverId })).publicAddresses.map((one) => one.address)).toEqual([from]);
    go();
    expect((await farm.settled(dropping)).state).toBe('done');
    expect((await led(farm)).standing).toEqual([]);
  });

  test('without a wildcard its steps are skipped; while one moves it is not taken out', async () => {
    const job = await farm.settled(await address(farm, fresh()));
    expect(job).toMatchObject({ state: 'done', steps: [{}, {}, { state: 'skipped' }, { state: 'skipped' }] });
    expect((await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId, requestKey: key() }))).state).toBe('done');
    const to = fresh();
    const held = cut.holdAt('address-server.wildcard.before');
    const moving = await address(farm, to);
    const { go } = await held;
    const drop = () => farm.client.domains.dropWildcard({ domainId, requestKey: key() });
    await expect(drop()).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: testDomain, jobId: moving.id } });
    go();
    expect((await farm.settled(moving)).state).toBe('done');
    expect((await farm.settled(await drop())).state).toBe('done');
    expect(await led(farm)).toEqual({ standing: [], kept: undefined, anna: [to] });
    expect((await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId, requestKey: key() }))).state).toBe('done');
  });
});
