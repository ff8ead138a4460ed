import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 397 days of life: due when less than a third is left. */
const dueAfterDays = 265;

let home: string;
let zone: TestZone;
let clock: ManualClock;
let farm: TestCore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-renewals-'));
  zone = await createTestZone();
  clock = createManualClock();
  farm = await createTestCore({ home, servers: 2, clock, drivers: { createDns: zone.createDns } });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
  await rm(home, { recursive: true, force: true });
});

const wildcards = () => farm.drivers.store.certificates.find({ kind: 'test-wildcard' });
const renewals = async () => (await farm.client.jobs.list({ limit: 500 })).jobs.filter(({ type }) => type === 'renew-certificate');
const held = () => farm.agents.map(({ certificates }) => [...certificates.values()].map(({ fingerprintSha256 }) => fingerprintSha256));
/** The same home in a new core at another time, with the same agents: as after a restart. */
async function reopened(at: ManualClock): Promise<void> {
  const { links, probe } = farm.drivers;
  const { agents } = farm;
  await farm.core.close();
  clock = at;
  farm = { ...(await createTestCore({ home, clock, drivers: { createDns: zone.createDns, links, probe } })), agents };
}
/** What the schedule began has ended. */
async function renewed(count: number): Promise<void> {
  await expect.poll(async () => (await renewals()).map(({ state }) => state)).toEqual(Array.from({ length: count }, () => 'done'));
}
const nothingBegins = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 150));
};

describe('a test wildcard is renewed by itself', () => {
  test('when less than a third of its life is left, once, and not before', async () => {
    const [first] = await wildcards();
    await reopened(createManualClock(clock.nowMs() + (dueAfterDays - 2) * dayMs));
    await nothingBegins();
    expect(await renewals()).toEqual([]);
    // the next looks are hours away: time alone leads there
    for (let day = 0; day < 2; day += 1) clock.advance(dayMs);
    await renewed(1);
    const [job] = await renewals();
    expect(job).toMatchObject({ actor: { kind: 'system' }, subject: { kind: 'certificate', id: first?.id, name: '*.farm.test' } });
    const rows = await wildcards();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.id).not.toBe(first?.id);
    expect(held()).toEqual([[rows[0]?.fingerprintSha256], [rows[0]?.fingerprintSha256]]);
    clock.advance(3 * hourMs);
    await nothingBegins();
    expect(await renewals()).toHaveLength(1);
  });

  test('when the farm is opened after a long time, and a server that is away gets it when it is back', async () => {
    const address = (await farm.client.servers.list()).servers.find(({ name }) => name === 'Pine')?.address ?? '';
    farm.links.cut(address, true);
    const { links } = farm;
    await reopened(createManualClock(clock.nowMs() + 500 * dayMs));
    await renewed(1);
    const [row] = await wildcards();
    const [job] = await renewals();
    await expect.poll(() => held()[0]).toEqual([row?.fingerprintSha256]);
    expect(held()[1]).not.toContain(row?.fingerprintSha256);
    expect(job?.traces).toContainEqual(
      expect.objectContaining({ code: 'certificate-later', parameters: { server: 'Pine', name: '*.farm.test' } }),
    );
    links.cut(address, false);
    for (let tries = 0; tries < 50 && held()[1]?.[0] !== row?.fingerprintSha256; tries += 1) {
      clock.advance(10_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(held()[1]).toEqual([row?.fingerprintSha256]);
  });

  test('also where it was issued while the clock was ahead: it does not hold yet, and the one that follows is the newest', async () => {
    const nowMs = clock.nowMs();
    await reopened(createManualClock(nowMs + 3650 * dayMs));
    await renewed(1);
    const [ahead] = await wildcards();
    await reopened(createManualClock(nowMs + hourMs));
    await renewed(2);
    const rows = await wildcards();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.id).not.toBe(ahead?.id);
    expect(rows[0]?.notBeforeMs).toBeLessThanOrEqual(clock.nowMs());
    await expect.poll(held).toEqual([[rows[0]?.fingerprintSha256], [rows[0]?.fingerprintSha256]]);
    clock.advance(5 * hourMs);
    await nothingBegins();
    expect(await renewals()).toHaveLength(2);
  });

  test('and one that fails is tried again after some hours, not every hour', async () => {
    const { pki } = farm.drivers;
    const { links, probe } = farm.drivers;
    const { agents } = farm;
    await farm.core.close();
    clock = createManualClock(clock.nowMs() + 500 * dayMs);
    let fails = true;
    const issueWildcard: typeof pki.issueWildcard = (...asked) =>
      fails ? Promise.reject(new FarmError('CERTIFICATE_INVALID', { problem: 'authority' })) : pki.issueWildcard(...asked);
    const drivers = { createDns: zone.createDns, links, probe, pki: { ...pki, issueWildcard } };
    farm = { ...(await createTestCore({ home, clock, drivers })), agents };
    await expect.poll(async () => (await renewals()).map(({ state }) => state)).toEqual(['failed']);
    // the domain is free: whoever wants may act on it
    expect(await farm.drivers.store.locks.find()).toEqual([]);
    for (let hours = 0; hours < 5; hours += 1) {
      clock.advance(hourMs);
      await nothingBegins();
    }
    expect(await renewals()).toHaveLength(1);
    fails = false;
    clock.advance(2 * hourMs);
    await expect.poll(async () => (await renewals()).map(({ state }) => state)).toEqual(['done', 'failed']);
  });
});

test('a domain that a release left without certificate, because adding it was cut off, gets one when the farm is opened, and can serve', async () => {
  const [row] = await wildcards();
  const [domain] = (await farm.client.domains.list()).domains;
  if (row === undefined || domain === undefined) throw new Error('no certificate');
  // as the release left it: a row, and nothing else
  await farm.drivers.store.certificates.remove(row.id);
  for (const { kind, id } of await farm.drivers.store.certificates.find())
    if (kind === 'site-authority') await farm.drivers.store.certificates.remove(id);
  await reopened(createManualClock(clock.nowMs() + hourMs));
  await renewed(1);
  const [fresh] = await wildcards();
  expect(fresh?.names).toEqual(['*.farm.test', 'farm.test']);
  await expect.poll(held).toEqual([[fresh?.fingerprintSha256], [fresh?.fingerprintSha256]]);
});

test('two windows that renew at once begin one job; the other is told which', async () => {
  const [row] = await wildcards();
  const renew = () => farm.client.certificates.renew({ certificateId: row?.id as never, requestKey: farm.key() });
  const answers = await Promise.allSettled([renew(), renew()]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'OBJECT_BUSY', data: { name: 'farm.test' } },
  });
  await renewed(1);
});

test('asked again with the same key, because the core died before it had answered, it is the same job, though the certificate has gone', async () => {
  const [row] = await wildcards();
  const requestKey = farm.key();
  const renew = () => farm.as('own', 'ann').certificates.renew({ certificateId: row?.id as never, requestKey });
  const job = await renew();
  await renewed(1);
  expect((await wildcards()).map(({ id }) => id)).not.toContain(row?.id);
  await farm.drivers.store.acts.remove(`operator:ann/${requestKey}`);
  expect((await renew()).id).toBe(job.id);
});
