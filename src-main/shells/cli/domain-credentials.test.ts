import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fieldsOf, kindsOf } from '#contract/catalogue/providers.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { runFarm } from '../../testing/run-farm.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';
import { optionOf } from './credential-options.ts';

let folder: string;
let zone: TestZone;
let core: TestCore;
let http: HttpFixture;
let opened: { readonly kind: string; readonly credentials: Readonly<Record<string, unknown>> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-keys-'));
  zone = await createTestZone();
  core = await createTestCore({
    servers: 0,
    drivers: {
      createDns: async (kind, credentials) => {
        opened.push({ kind, credentials });
        return zone.createDns();
      },
    },
  });
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
  await zone.nameServer.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  opened = [];
});

async function farm(line: readonly string[], input = '') {
  let isInputRead = false;
  const ran = await runFarm(line, {
    home: core.home,
    input: async () => {
      isInputRead = true;
      return input;
    },
  });
  return { ...ran, isInputRead };
}
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const url = 'http://127.0.0.1:9';
const nameServers = [
  { address: '192.0.2.1', port: 53 },
  { address: '192.0.2.2', port: 5353 },
];
const servers = (option: string) => [option, '192.0.2.1', option, '192.0.2.2:5353'];

test.each([
  ['before.test', (key: string) => ['--powerdns', url, '--api-key-file', key, ...servers('--name-server')]],
  ['row.test', (key: string) => ['--dns', 'powerdns', '--dns-url', url, '--dns-api-key-file', key, ...servers('--dns-name-servers')]],
  ['mixed.test', (key: string) => ['--powerdns', url, '--dns-api-key-file', key, ...servers('--dns-name-servers')]],
])('%s is added with older and newer names of options alike', async (domain, options) => {
  await zone.nameServer.createZone(domain, []);
  const key = await file('key', 'the-key\n');
  const added = await farm(['domains', 'add', domain, ...options(key)]);
  expect([added.code, added.error, added.isInputRead]).toEqual([0, expect.any(String), false]);
  expect(opened[0]).toEqual({ kind: 'powerdns', credentials: { url, apiKey: 'the-key', nameServers } });
});

test('the only secret that is not given is read from standard input, also when another is changed', async () => {
  await zone.nameServer.createZone('input.test', []);
  expect((await farm(['domains', 'add', 'input.test', '--dns', 'powerdns', '--dns-url', url], 'from-input\n')).code).toBe(0);
  expect(opened[0]?.credentials).toEqual({ url, apiKey: 'from-input' });
  opened = [];
  expect((await farm(['domains', 'update', 'input.test'], 'newer')).code).toBe(0);
  expect(opened[0]?.credentials).toEqual({ url, apiKey: 'newer' });
  opened = [];
  // a key that was given for one address goes to no other
  const other = 'http://127.0.0.1:10';
  const refused = await farm(['domains', 'update', 'input.test', '--dns-url', other]);
  expect([refused.code, refused.isInputRead, opened]).toEqual([4, false, []]);
  const key = await file('key', 'newer\n');
  const moved = await farm(['domains', 'update', 'input.test', '--dns-url', other, '--dns-api-key-file', key]);
  expect([moved.code, moved.isInputRead]).toEqual([0, false]);
  expect(opened[0]?.credentials).toEqual({ url: other, apiKey: 'newer' });
});

test.each([
  [['--dns', 'nobody'], `--dns takes one of: ${kindsOf('dns').join(', ')}.`],
  [['--dns', 'builtin', '--powerdns', url], 'either --powerdns URL or --builtin, or --dns'],
  [['--builtin', '--dns-url', url], 'Built-in name server takes no option --dns-url.'],
  [['--builtin', '--api-key-file', '/nowhere'], 'Built-in name server takes no option --api-key-file.'],
  [['--dns', 'powerdns'], 'The option --dns-url is needed.'],
  [['--dns', 'powerdns', '--dns-url', 'dns.example'], '--dns-url is not right: This is no web address.'],
  [['--dns', 'powerdns', '--dns-url', url, '--dns-name-servers', 'ns1.example'], 'ns1.example is no address.'],
  [['--dns', 'powerdns', '--dns-url', url], 'The option --dns-api-key-file is needed.', ' \n'],
  [['--dns', 'powerdns', '--dns-url', url], '--dns-api-key-file is not right', 'planted secret'],
  [['--dns', 'powerdns', '--dns-url', url, '--dns-api-key=planted'], 'There is no option --dns-api-key here.'],
])('%j is refused before the core is asked', async (options, sentence, input = 'key') => {
  const { code, error } = await farm(['domains', 'add', 'never.test', ...options], input);
  expect([code, error]).toEqual([2, expect.stringContaining(sentence)]);
  expect(error).not.toContain('planted');
  expect(opened).toEqual([]);
});

test('the built-in name server has nothing to change', async () => {
  expect((await farm(['domains', 'add', 'own.test', '--dns', 'builtin'])).code).toBe(0);
  const { code, isInputRead } = await farm(['domains', 'update', 'own.test']);
  expect([code, isInputRead]).toEqual([4, false]);
});

// the built-in one is opened once for all
const withFields = kindsOf('dns').filter((kind) => fieldsOf(kind).length > 0);
test.each(withFields)('a domain of %s is added with the options of its row', async (kind) => {
  await zone.nameServer.createZone(`${kind}.test`, []);
  const texts = { text: 'text', password: 'text', url, host: 'dns.example', servers: '192.0.2.1' };
  const given = fieldsOf(kind).map(async (field) => [
    `--${optionOf('dns', field)}`,
    field.isSecret ? await file(field.name, `secret-${field.name}\n`) : texts[field.format],
  ]);
  const words = (await Promise.all(given)).flat();
  const added = await farm(['domains', 'add', `${kind}.test`, '--dns', kind, ...words]);
  expect([added.code, added.isInputRead]).toEqual([0, false]);
  const values = fieldsOf(kind).map(({ name, format, isSecret }) => [
    name,
    format === 'servers' ? [{ address: '192.0.2.1', port: 53 }] : isSecret ? `secret-${name}` : texts[format],
  ]);
  expect(opened[0]).toEqual({ kind, credentials: Object.fromEntries(values) });
  expect(`${added.out}${added.error}${core.logLines.join('')}`).not.toContain('secret-');
});

test.each(kindsOf('dns'))('the help names every field of %s, and no option takes a secret itself', async (kind) => {
  const { out } = await farm(['domains', 'add', '--help']);
  for (const field of fieldsOf(kind)) {
    const option = optionOf('dns', field);
    expect(out).toContain(`--${option} `);
    expect(option.endsWith('-file')).toBe(field.isSecret);
  }
});
