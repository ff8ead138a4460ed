import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planChange } from '../../../model/domains/plan-change.ts';
import { createPowerDnsDriver } from './index.ts';

type Seen = { readonly method: string; readonly url: string; readonly key: string | undefined; readonly body: unknown };
type Answer = { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> } | 'silent' | 'cut';

const fixture = (name: string): Promise<string> => readFile(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8');
const zone = { name: 'farm.example', id: 'farm.example.' };
const key = 'the-secret-key';

/** A local server that answers what the test lays out, in order, and keeps what it was asked. */
let server: Server;
let url: string;
let seen: Seen[];
let answers: Answer[];
/** What it says of itself; asked once by each driver, and neither laid out nor kept. */
let version: string;

beforeEach(async () => {
  seen = [];
  answers = [];
  version = '5.0.1';
  server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (request.url?.endsWith('/servers/localhost') === true) return void response.writeHead(200).end(JSON.stringify({ version }));
      seen.push({ method: request.method ?? '', url: request.url ?? '', key: request.headers['x-api-key']?.toString(), body });
      const answer = answers.shift() ?? { status: 599 };
      if (answer === 'silent') return;
      if (answer === 'cut') {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers }).end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function readBody(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) if (Buffer.isBuffer(piece)) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

const open = (timeoutMs = 5000): ReturnType<typeof createPowerDnsDriver> =>
  createPowerDnsDriver({ url, apiKey: key }, { resolveHost: async () => ['192.0.2.53'], timeoutMs });

describe('requests', () => {
  test('a zone is asked for from the longest suffix on, with the key', async () => {
    answers = [
      { status: 200, body: '[]' },
      { status: 200, body: await fixture('zones') },
    ];
    expect(await open().findZone('Anna.farm.example')).toEqual(zone);
    expect(seen).toEqual([
      { method: 'GET', url: '/api/v1/servers/localhost/zones?zone=anna.farm.example.&dnssec=false', key, body: undefined },
      { method: 'GET', url: '/api/v1/servers/localhost/zones?zone=farm.example.&dnssec=false', key, body: undefined },
    ]);
  });

  test('records are read in our form; disabled ones are told apart', async () => {
    answers = [{ status: 200, body: await fixture('zone') }];
    const records = await open().list(zone);
    expect(seen[0]?.url).toBe('/api/v1/servers/localhost/zones/farm.example.');
    expect(records).toEqual(
      expect.arrayContaining([
        { name: 'anna.farm.example', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'], disabled: ['192.0.2.2'] },
        { name: '_acme-challenge.farm.example', type: 'TXT', ttlSeconds: 60, values: ['with "quotes"'] },
        { name: 'alias.farm.example', type: 'CNAME', ttlSeconds: 60, values: ['edge.example.net'] },
      ]),
    );
  });

  test.each(['4.7.3', '4.9.1', '0.0-custom'])(
    'a server before 5.0 (%s) leaves out disabled records when it filters: it is asked for all',
    async (old) => {
      version = old;
      answers = [{ status: 200, body: await fixture('zone') }];
      expect(await open().list(zone, { name: 'anna.farm.example', type: 'A' })).toEqual([
        { name: 'anna.farm.example', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'], disabled: ['192.0.2.2'] },
      ]);
      expect(seen[0]?.url).toBe('/api/v1/servers/localhost/zones/farm.example.');
    },
  );

  test('an older server that cannot send the whole zone is asked for the name', async () => {
    version = '4.7.3';
    answers = [
      { status: 500, body: 'Internal Server Error' },
      { status: 200, body: await fixture('zone') },
    ];
    expect(await open().list(zone, { name: 'anna.farm.example' })).toHaveLength(1);
    expect(seen.map(({ url: asked }) => asked)).toEqual([
      '/api/v1/servers/localhost/zones/farm.example.',
      '/api/v1/servers/localhost/zones/farm.example.?rrset_name=anna.farm.example.',
    ]);
  });

  test('an older server that ignores the filter is filtered here', async () => {
    answers = [{ status: 200, body: await fixture('zone') }];
    expect((await open().list(zone, { name: 'anna.farm.example', type: 'A' })).length).toBe(1);
    expect(seen[0]?.url).toBe('/api/v1/servers/localhost/zones/farm.example.?rrset_name=anna.farm.example.&rrset_type=A');
  });

  test('a plan is one PATCH between two readings', async () => {
    const change = { zone: 'farm.example', name: 'berta.farm.example', type: 'TXT', values: ['a "b"'] } as const;
    const planning = planChange([], { action: 'put', ttlSeconds: 60, owned: [], ...change });
    if (planning.kind !== 'plan') throw new Error('no plan');
    const empty = JSON.stringify({ ...JSON.parse(await fixture('zone')), rrsets: [] });
    const rrset = { name: 'berta.farm.example.', type: 'TXT', ttl: 60, records: [{ content: '"a \\"b\\""', disabled: false }] };
    const written = JSON.stringify({ ...JSON.parse(empty), rrsets: [rrset] });
    answers = [{ status: 200, body: empty }, { status: 204 }, { status: 200, body: written }];
    await open().apply(zone, planning.plan);
    expect(seen.map((request) => request.method)).toEqual(['GET', 'PATCH', 'GET']);
    expect(seen[1]).toEqual({
      method: 'PATCH',
      url: '/api/v1/servers/localhost/zones/farm.example.',
      key,
      body: { rrsets: [{ ...rrset, changetype: 'REPLACE' }] },
    });

    seen = [];
    answers = [{ status: 200, body: written }, { status: 204 }, { status: 200, body: empty }];
    const removal = planChange([{ name: change.name, type: 'TXT', ttlSeconds: 60, values: ['a "b"'] }], {
      action: 'remove',
      others: 'refuse',
      ...change,
    });
    if (removal.kind === 'plan') await open().apply(zone, removal.plan);
    expect(seen[1]?.body).toEqual({ rrsets: [{ name: 'berta.farm.example.', type: 'TXT', changetype: 'DELETE' }] });

    answers = [{ status: 200, body: empty }, { status: 204 }, { status: 200, body: empty }];
    await expect(open().apply(zone, planning.plan)).rejects.toMatchObject({ code: 'DNS_REFUSED', parameters: { reason: 'read-back' } });
  });

  type Rrset = { readonly type?: string; readonly records: readonly object[]; readonly comments?: readonly object[] };
  const zoneWith = async (rrset: Rrset | undefined, more: object = {}): Promise<Answer> => {
    const rrsets = rrset === undefined ? [] : [{ name: 'anna.farm.example.', type: 'A', ttl: 60, comments: [], ...rrset }];
    return { status: 200, body: JSON.stringify({ ...JSON.parse(await fixture('zone')), rrsets, ...more }) };
  };
  const on = { content: '192.0.2.1', disabled: false };
  const off = { content: '192.0.2.9', disabled: true };
  const note = { content: 'Anna moved', account: 'admin', modified_at: 1_700_000_000 };
  const takeOut = {
    action: 'remove',
    zone: 'farm.example',
    name: 'anna.farm.example',
    type: 'A',
    values: ['192.0.2.1'],
    others: 'keep',
  } as const;
  const planOf = async (driver: ReturnType<typeof open>, standing: Answer, change: Parameters<typeof planChange>[1]) => {
    answers = [standing];
    const planning = planChange(await driver.list(zone, { name: change.name }), change);
    if (planning.kind !== 'plan') throw new Error('no plan');
    seen = [];
    return planning.plan;
  };

  test('what was turned off beside ours stays when ours goes', async () => {
    const driver = open();
    const standing = await zoneWith({ records: [on, off], comments: [note] });
    const plan = await planOf(driver, standing, takeOut);
    answers = [standing, { status: 204 }, await zoneWith({ records: [off], comments: [note] })];
    await driver.apply(zone, plan);
    expect(seen[1]?.body).toEqual({ rrsets: [{ name: 'anna.farm.example.', type: 'A', changetype: 'REPLACE', ttl: 60, records: [off] }] });
  });

  test('a comment stays when the last record goes', async () => {
    const driver = open();
    const standing = await zoneWith({ records: [on], comments: [note] });
    const plan = await planOf(driver, standing, takeOut);
    answers = [standing, { status: 204 }, await zoneWith({ records: [], comments: [note] })];
    await driver.apply(zone, plan);
    expect(seen[1]?.body).toEqual({
      rrsets: [{ name: 'anna.farm.example.', type: 'A', changetype: 'REPLACE', ttl: 0, records: [], comments: [note] }],
    });
  });

  test.each(['Master', 'Primary'])(
    'servers that copy a zone are told of a change (%s), also when only that was left to do',
    async (kind) => {
      const driver = open();
      const standing = await zoneWith({ records: [on] }, { kind });
      const gone = await zoneWith(undefined, { kind });
      const plan = await planOf(driver, standing, takeOut);
      answers = [standing, { status: 204 }, gone, { status: 200, body: '{"result":"Notification queued"}' }];
      await driver.apply(zone, plan);
      expect(seen.map(({ method, url: asked }) => `${method} ${asked}`)[3]).toBe(
        'PUT /api/v1/servers/localhost/zones/farm.example./notify',
      );
      seen = [];
      // a server that does not want to tell has still written
      answers = [gone, { status: 422, body: '{"error":"nobody to notify"}' }];
      await driver.apply(zone, plan);
      expect(seen.map(({ method }) => method)).toEqual(['GET', 'PUT']);
    },
  );

  test.each([
    ['Master', '', ['serial-stands-still']],
    ['Primary', null, ['serial-stands-still']],
    ['Master', 'DEFAULT', []],
    ['Native', '', []],
  ])('a %s zone with SOA-EDIT-API %j: %j', async (kind, edit, faults) => {
    answers = [await zoneWith(undefined, { kind, soa_edit_api: edit })];
    expect(await open().faults(zone)).toEqual(faults);
  });

  test.each(['/pdns', '/pdns/', '/pdns/api/v1', '/pdns/api/v1/servers/localhost/'])('the path of the address is kept: %s', async (path) => {
    answers = [{ status: 200, body: await fixture('zones') }];
    const context = { resolveHost: async () => [], timeoutMs: 5000 };
    await createPowerDnsDriver({ url: `${url}${path}`, apiKey: key }, context).findZone('farm.example');
    expect(seen[0]?.url).toBe('/pdns/api/v1/servers/localhost/zones?zone=farm.example.&dnssec=false');
  });

  test('name servers: those of the zone, with their addresses from the zone or from the context', async () => {
    answers = [{ status: 200, body: await fixture('zone') }];
    expect(await open().authoritativeServers(zone)).toEqual([{ name: 'ns1.farm.example', addresses: ['192.0.2.53'], port: 53 }]);
    answers = [{ status: 200, body: JSON.stringify({ ...JSON.parse(await fixture('zone')), rrsets: [] }) }];
    await expect(open().authoritativeServers(zone)).rejects.toMatchObject({
      code: 'DNS_REFUSED',
      parameters: { reason: 'no-name-servers' },
    });
  });
});

describe('how far the key reaches', () => {
  const zones = (...names: string[]): Answer => ({
    status: 200,
    body: JSON.stringify(names.map((name) => ({ id: name, name, kind: 'Native' }))),
  });

  test('every zone that the server lists, but ours', async () => {
    answers = [zones('farm.example.', 'mail.example.', 'shop.example.')];
    expect(await open().reach(zone)).toEqual({ kind: 'whole-server', otherZones: 2 });
    expect(seen).toEqual([{ method: 'GET', url: '/api/v1/servers/localhost/zones?dnssec=false', key, body: undefined }]);
    answers = [zones('farm.example.')];
    expect(await open().reach(zone)).toEqual({ kind: 'whole-server', otherZones: 0 });
  });

  test.each([401, 403, 404])('our zone alone, where the list is refused with %i and the zone is shown', async (status) => {
    answers = [{ status }, { status: 200, body: await fixture('zone') }];
    expect(await open().reach(zone)).toEqual({ kind: 'zone' });
    expect(seen.map(({ method, url: asked }) => `${method} ${asked}`)).toEqual([
      'GET /api/v1/servers/localhost/zones?dnssec=false',
      'GET /api/v1/servers/localhost/zones/farm.example.?rrset_name=farm.example.&rrset_type=SOA',
    ]);
  });

  test('a key that is good for nothing is a matter of credentials', async () => {
    answers = [{ status: 401 }, { status: 401 }];
    await expect(open().reach(zone)).rejects.toMatchObject({ code: 'DNS_CREDENTIALS' });
    answers = [{ status: 500 }];
    await expect(open().reach(zone)).rejects.toMatchObject({ code: 'DNS_REFUSED' });
  });
});

describe('failures', () => {
  test.each<[string, Answer, object]>([
    ['a wrong key', { status: 401, body: 'Unauthorized' }, { code: 'DNS_CREDENTIALS' }],
    ['a key without the right', { status: 403 }, { code: 'DNS_CREDENTIALS' }],
    ['a zone that has gone', { status: 404, body: 'Not Found' }, { code: 'DNS_ZONE_MISSING' }],
    [
      'a broken server',
      { status: 500, body: '{"error":"Could not open storage"}' },
      { code: 'DNS_REFUSED', parameters: { reason: 'Could not open storage' } },
    ],
    ['a proxy’s page', { status: 502, body: '<html>' }, { code: 'DNS_REFUSED', parameters: { reason: 'HTTP 502' } }],
    ['another program', { status: 200, body: '{"hello":"world"}' }, { code: 'DNS_REFUSED', parameters: { reason: 'answer-shape' } }],
    [
      'a redirect is not followed with the key',
      { status: 302, headers: { Location: 'http://192.0.2.1/' } },
      { code: 'DNS_REFUSED', parameters: { reason: 'HTTP 302' } },
    ],
    ['a cut connection', 'cut', { code: 'DNS_REFUSED', parameters: { reason: 'ECONNRESET' } }],
  ])('%s', async (_what, answer, error) => {
    answers = [answer];
    await expect(open().list(zone)).rejects.toMatchObject(error);
  });

  test('a refused record carries the server’s own words', async () => {
    answers = [
      { status: 200, body: JSON.stringify({ ...JSON.parse(await fixture('zone')), rrsets: [] }) },
      { status: 422, body: await fixture('refused-422') },
    ];
    const planning = planChange([], {
      action: 'put',
      zone: 'farm.example',
      name: 'anna.farm.example',
      type: 'A',
      ttlSeconds: 60,
      values: ['192.0.2.1'],
      owned: [],
    });
    if (planning.kind !== 'plan') throw new Error('no plan');
    await expect(open().apply(zone, planning.plan)).rejects.toMatchObject({
      code: 'DNS_REFUSED',
      parameters: { domain: 'farm.example', name: 'anna.farm.example', reason: expect.stringContaining('not an address') },
    });
  });

  test('a silent server is slow, a closed port refuses, and no error holds the key', async () => {
    answers = ['silent'];
    const slow: unknown = await open(1000)
      .list(zone)
      .catch((error: unknown) => error);
    expect(slow).toMatchObject({ code: 'DNS_SLOW', parameters: { domain: 'farm.example', seconds: 1 } });
    const driver = createPowerDnsDriver({ url: 'http://127.0.0.1:9', apiKey: key }, { resolveHost: async () => [], timeoutMs: 1000 });
    const refused: unknown = await driver.list(zone).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'DNS_REFUSED', parameters: { reason: 'ECONNREFUSED' } });
    for (const error of [slow, refused]) expect(`${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`).not.toContain(key);
  });
});
