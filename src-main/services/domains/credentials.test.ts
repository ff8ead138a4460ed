import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CredentialChange } from '#contract/api/domains.ts';
import { fieldProblem } from '#contract/catalogue/credential-fields.ts';
import { type DnsKind, dnsRequest, fieldsOf, kindsOf, type NamedField } from '#contract/catalogue/providers.ts';
import { FarmError } from '#contract/errors.ts';
import { openInProcess } from '../../drivers/dns/builtin/fixtures/in-process.ts';
import type { DnsDrivers } from '../../drivers/dns/index.ts';
import { openDnsDriver } from '../../drivers/dns/open-driver.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';
import { serveTestCore } from '../../testing/http-fixture.ts';

let zone: TestZone;
let home: string;
let core: TestCore;
/** The credentials with which drivers were opened, newest last. */
let opened: Readonly<Record<string, unknown>>[];
/** What the far server does with what it was given. */
let far: 'obeys' | 'turns' | 'repeats' | 'breaks';

/** A driver of any kind whose far server knows the farm's zones, and may repeat every credential in its answer. */
async function talkative(kind: DnsKind, credentials: Readonly<Record<string, unknown>>): Promise<DnsDriver> {
  opened.push(credentials);
  const words = (): string => `no, not with ${JSON.stringify(credentials)} ${Object.values(credentials).join(' ')}`;
  return {
    ...zone.nameServer,
    kind,
    findZone: async (name, call) => {
      if (far === 'turns') far = 'repeats';
      else if (far === 'repeats') throw new FarmError('DNS_REFUSED', { domain: name, name, server: 'dns.example', reason: words() });
      if (far === 'breaks') throw Object.assign(new Error(words()), { credentials });
      return zone.nameServer.findZone(name, call);
    },
    close: async () => {},
  };
}
const drivers: DnsDrivers = {
  ...Object.fromEntries(kindsOf('dns').map((kind) => [kind, (credentials: object) => talkative(kind, { ...credentials })])),
  builtin: () => talkative('builtin', {}),
} as unknown as DnsDrivers;
const context = {
  resolveHost: async () => [],
  timeoutMs: 1000,
  zoneStorage: { load: async () => [], save: async () => {} },
  openServer: openInProcess,
  listen: { address: '127.0.0.1', ports: [0] },
};
const open = () =>
  createTestCore({ home, servers: 0, drivers: { createDns: (kind, credentials) => openDnsDriver(kind, credentials, context, drivers) } });

beforeEach(async () => {
  [opened, far] = [[], 'obeys'];
  zone = await createTestZone();
  home = await mkdtemp(join(tmpdir(), 'farm-credentials-'));
  core = await open();
});
afterEach(async () => {
  await core.close();
  await zone.nameServer.close();
  await rm(home, { recursive: true, force: true });
});

const examples = { url: 'http://127.0.0.1:9/', host: '127.0.0.1:9', text: 'text', password: 'text' } as const;

/** A value for a field, another in each round; a secret of the test's own where it is one. */
function exampleOf(kind: DnsKind, field: NamedField, round: number) {
  const text = field.isSecret
    ? `planted-${kind}-${field.name}-${round}`
    : `${field.format === 'servers' ? '' : examples[field.format]}${round}`;
  const value = field.format === 'servers' ? [{ address: '127.0.0.1', port: 5300 + round }] : text;
  expect(fieldProblem(field, field.schema, value), `${kind}.${field.name} of this test`).toBeUndefined();
  return value;
}
const examplesOf = (kind: DnsKind, round: number) =>
  Object.fromEntries(fieldsOf(kind).map((field) => [field.name, exampleOf(kind, field, round)]));

/** Everything that the farm wrote to its home, with every answer that the test kept. */
async function everythingWritten(answers: readonly unknown[]): Promise<string> {
  const names = await readdir(home, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    names.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  const { store } = core.drivers;
  const rows = [await store.jobs.find(), await store.jobSteps.find(), await store.acts.find(), await store.domains.find()];
  return [JSON.stringify(answers), JSON.stringify(rows), core.logLines.join('\n'), ...files].join('\n');
}
const caught = (error: unknown): unknown => ({
  error: JSON.stringify(error),
  text: String(error),
  stack: error instanceof Error ? error.stack : '',
});

const withFields = kindsOf('dns').filter((kind) => fieldsOf(kind).length > 0);

describe.each(withFields)('the credentials of %s', (kind) => {
  test('reach the driver field by field, each can be changed alone, and no secret stands anywhere but sealed', async () => {
    await zone.nameServer.createZone('shop.test', []);
    const answers: unknown[] = [];
    const domain = await core.addDomain('shop.test', dnsRequest.parse({ kind, ...examplesOf(kind, 1) }));
    answers.push(domain, await core.client.jobs.list({}));
    expect(opened.at(-1)).toEqual(examplesOf(kind, 1));
    const now: Record<string, unknown> = examplesOf(kind, 1);
    for (const [place, field] of fieldsOf(kind).entries()) {
      const value = exampleOf(kind, field, place + 2);
      now[field.name] = value;
      const job = await core.settled(
        await core.client.domains.update({ domainId: domain.id, dns: { [field.name]: value }, requestKey: core.key() }),
      );
      answers.push(job);
      expect([field.name, job.state]).toEqual([field.name, 'done']);
      expect(opened.at(-1)).toEqual(now);
    }
    const [field] = fieldsOf(kind);
    if (field === undefined) throw new Error('no field');
    // the far server takes them, and then says no in the middle of the job
    far = 'turns';
    const change = { domainId: domain.id, dns: { [field.name]: exampleOf(kind, field, 7) }, requestKey: core.key() };
    const failed = await core.settled(await core.client.domains.update(change));
    expect([failed.state, failed.failure]).toEqual(['failed', expect.objectContaining({ code: 'DNS_REFUSED' })]);
    answers.push(failed);
    now[field.name] = exampleOf(kind, field, 7);
    const request = { name: 'other.test', dns: dnsRequest.parse({ kind, ...examplesOf(kind, 8) }) };
    for (const how of ['repeats', 'breaks'] as const) {
      far = how;
      answers.push(await core.client.domains.add({ ...request, requestKey: core.key() }).catch(caught));
      answers.push(await core.client.domains.inspect({ domainId: domain.id }).catch(caught));
      for (const each of fieldsOf(kind)) {
        const dns = { [each.name]: exampleOf(kind, each, 9) };
        answers.push(await core.client.domains.update({ domainId: domain.id, dns, requestKey: core.key() }).catch(caught));
      }
    }
    answers.push(await core.client.domains.list());
    const written = await everythingWritten(answers);
    expect(written).toContain('DNS_REFUSED');
    expect(written).toContain('•••');
    const leaks = written.match(new RegExp(`planted-${kind}-[\\w-]*`, 'g')) ?? [];
    expect(leaks).toEqual([]);
    const row = (await core.drivers.store.domains.get(domain.id)) ?? { sealedCredentials: '' };
    const sealed: unknown = JSON.parse(await core.drivers.secrets.open(`domain:${domain.id}`, row.sealedCredentials));
    const secrets = fieldsOf(kind).flatMap(({ name, isSecret }) => (isSecret ? [[name, now[name]]] : []));
    expect(sealed).toEqual(Object.fromEntries(secrets));
  });

  test('are refused with the name of the field, and nothing is saved', async () => {
    await zone.nameServer.createZone('shop.test', []);
    const domain = await core.addDomain('shop.test', dnsRequest.parse({ kind, ...examplesOf(kind, 1) }));
    const before = await core.drivers.store.domains.find();
    const [field] = fieldsOf(kind).filter(({ format }) => format !== 'servers');
    const name = field?.name ?? '';
    const wrongs: readonly (readonly [CredentialChange, string, string])[] = [
      [{ [name]: '' }, name, 'required'],
      [{ nobody: 'x' }, 'nobody', 'unknown'],
      [{ [name]: [{ address: '127.0.0.1', port: 53 }] }, name, 'kind'],
    ];
    for (const [dns, wrong, problem] of wrongs) {
      const asked = core.client.domains.update({ domainId: domain.id, dns, requestKey: core.key() });
      await expect(asked).rejects.toMatchObject({ code: 'CREDENTIAL_INVALID', data: { provider: kind, field: wrong, problem } });
    }
    expect(await core.drivers.store.domains.find()).toEqual(before);
  });
});

test('over REST a wrong field of a new domain is named, and its value is not repeated', async () => {
  const http = await serveTestCore(core);
  try {
    const answer = await fetch(`${http.origin}/api/v1/domains`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${http.linkToken}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({
        requestKey: core.key(),
        name: 'shop.test',
        dns: { kind: 'powerdns', url: 'http://127.0.0.1:9', apiKey: 'planted with spaces' },
      }),
    });
    const text = await answer.text();
    expect([answer.status, text]).toEqual([400, expect.stringContaining('"apiKey"')]);
    expect(`${text} ${core.logLines.join('\n')}`).not.toContain('planted');
  } finally {
    await http.close();
  }
});

test('a home of a release before providers opens, and its domain is asked, changed and keeps its wildcard', async () => {
  await zone.nameServer.createZone('old.test', []);
  const { id } = await core.addDomain('old.test', { kind: 'powerdns', url: 'http://127.0.0.1:8', apiKey: 'unused' });
  const { store, secrets } = core.drivers;
  const row = await store.domains.get(id);
  if (row === undefined) throw new Error('no row');
  const nameServers = [{ address: '127.0.0.1', port: 5399 }];
  const wildcard = { serverId: '01900000-0000-7000-8000-000000000000', values: ['198.51.100.1'], isRelied: true };
  // as such a release wrote it, the farm's own wildcard in the same column
  const sealedCredentials = await secrets.seal(`domain:${id}`, JSON.stringify({ apiKey: 'key-of-before' }));
  await store.domains.put({ ...row, dnsSettings: { url: 'http://127.0.0.1:9', nameServers, wildcard }, sealedCredentials });
  await core.close();
  core = await open();
  expect(await core.client.domains.inspect({ domainId: id })).toMatchObject({ reach: { kind: 'own' } });
  expect(opened.at(-1)).toEqual({ url: 'http://127.0.0.1:9', apiKey: 'key-of-before', nameServers });
  const views = (await core.client.domains.list()).domains;
  expect(views.find((one) => one.id === id)?.dns).toMatchObject({ kind: 'powerdns', server: '127.0.0.1:9' });
  const change = { domainId: id, dns: { apiKey: 'key-of-now' }, requestKey: 'after-the-update' };
  expect(await core.settled(await core.client.domains.update(change))).toMatchObject({ state: 'done' });
  expect(opened.at(-1)).toEqual({ url: 'http://127.0.0.1:9', apiKey: 'key-of-now', nameServers });
  expect((await core.drivers.store.domains.get(id))?.dnsSettings).toEqual({ url: 'http://127.0.0.1:9', nameServers, wildcard });
});
