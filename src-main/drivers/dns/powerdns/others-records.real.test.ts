import { createServer, request as forward } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { planChange } from '../../../model/domains/plan-change.ts';
import type { DnsDriver } from '../../../ports/dns-writes.ts';
import { createTestCore, type TestCore } from '../../../testing/create-test-core.ts';
import { createPowerDnsDriver } from './index.ts';
import { freeDnsPort, type RealPowerDns, run, startPowerDns } from './fixtures/real-powerdns.ts';

const context = { resolveHost: async () => ['127.0.0.1'], timeoutMs: 5000 };
const openDriver = ({ url, apiKey, dnsPort }: Pick<RealPowerDns, 'url' | 'apiKey' | 'dnsPort'>): DnsDriver =>
  createPowerDnsDriver({ url, apiKey, nameServers: [{ address: '127.0.0.1', port: dnsPort }] }, context);
/** What the test changes past the API is seen at once. */
const noCache = ['cache-ttl=0', 'query-cache-ttl=0', 'negquery-cache-ttl=0', 'zone-cache-refresh-interval=0'];
const noted = (content: string): object => ({ content, account: 'admin', modified_at: 1_700_000_000 });

describe('what others keep at a PowerDNS', () => {
  let server: RealPowerDns;
  let driver: DnsDriver;
  let farm: TestCore;
  beforeAll(async () => {
    // LUA and ALIAS have to be allowed; where ALIAS leads is asked of a resolver that nobody needs to be
    server = await startPowerDns(['enable-lua-records=yes', 'expand-alias=yes', 'resolver=127.0.0.1:9', ...noCache]);
    driver = openDriver(server);
    await driver.createZone('farm.example', ['ns1.farm.example']);
    farm = await createTestCore({ servers: 1 });
    const dns = {
      kind: 'powerdns' as const,
      url: server.url,
      apiKey: server.apiKey,
      nameServers: [{ address: '127.0.0.1', port: server.dnsPort }],
    };
    await farm.addDomain('farm.example', dns);
  }, 60_000);
  afterAll(async () => {
    await farm.close();
    await driver.close();
    await server.stop();
  });

  const domainId = async () => (await farm.client.domains.list()).domains.find(({ name }) => name === 'farm.example')?.id;
  const create = async (name: string) =>
    farm.client.instances.create({ name, packageId: packageId.parse('static-site'), domainId: await domainId(), requestKey: farm.key() });
  const made = async (name: string) => expect(await farm.settled(await create(name))).toMatchObject({ state: 'done' });
  const removed = async (name: string) => {
    const { id } = await farm.client.instances.find({ name });
    const job = await farm.settled(await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() }));
    expect(job.failure).toBeUndefined();
    expect(job).toMatchObject({
      state: 'done',
    });
  };

  test.each([
    ['ida-lua', 'LUA', `A "ifportup(443, {'192.0.2.9'})"`, false],
    ['ida-alias', 'ALIAS', 'balancer.provider.example.', false],
    ['ida-https', 'HTTPS', '1 elsewhere.example. alpn=h2', false],
    ['ida-off', 'A', '192.0.2.9', true],
  ])('%s: a name with a %s (%s, off: %s) is somebody’s, and stays as it is', async (name, type, content, disabled) => {
    await server.put('farm.example', `${name}.farm.example`, type, [{ content, disabled }], [noted('ours, please ask')]);
    await expect(create(name)).rejects.toMatchObject({ code: 'DNS_UNSAFE', data: { found: expect.stringContaining(type) } });
    expect(await server.rrset('farm.example', `${name}.farm.example`, type)).toMatchObject({
      records: [{ content, disabled }],
      comments: [{ content: 'ours, please ask' }],
    });
    // an ALIAS whose target nobody tells of is not answered at all
    expect(await server.dig('+short', `${name}.farm.example`, 'A').catch(() => '')).not.toContain('198.51.100.1');
  });

  test('a record that was turned off beside ours, and its comment, outlive the instance', async () => {
    await made('berta');
    const off = { content: '192.0.2.9', disabled: true };
    await server.put(
      'farm.example',
      'berta.farm.example',
      'A',
      [{ content: '198.51.100.1', disabled: false }, off],
      [noted('kept for later')],
    );
    await removed('berta');
    expect(await server.rrset('farm.example', 'berta.farm.example', 'A')).toMatchObject({
      records: [off],
      comments: [{ content: 'kept for later' }],
    });
    expect(await server.dig('berta.farm.example', 'A')).not.toContain('198.51.100.1');
  });

  test('a comment outlives the last record', async () => {
    await server.put('farm.example', 'clara.farm.example', 'A', [], [noted('reserved for Clara')]);
    await made('clara');
    expect(await server.rrset('farm.example', 'clara.farm.example', 'A')).toMatchObject({ comments: [{ content: 'reserved for Clara' }] });
    await removed('clara');
    expect(await server.rrset('farm.example', 'clara.farm.example', 'A')).toMatchObject({
      records: [],
      comments: [{ content: 'reserved for Clara' }],
    });
    expect(await server.dig('clara.farm.example', 'A')).toContain('status: NXDOMAIN');
  });

  test('ours that somebody turned off goes with the instance', async () => {
    await made('dora');
    await server.put('farm.example', 'dora.farm.example', 'A', [{ content: '198.51.100.1', disabled: true }]);
    await removed('dora');
    expect(await server.rrset('farm.example', 'dora.farm.example', 'A')).toBeUndefined();
  });

  test('one record that the server cannot read is in nobody’s way but at its own name', async () => {
    await made('gerda');
    const sql =
      "INSERT INTO records (domain_id, name, type, content, ttl, disabled) SELECT id, 'torn.farm.example', 'AAAA', 'torn', 60, 0 FROM domains;";
    await run('sqlite3', [`${server.folder}/pdns.sqlite3`, sql]);
    await expect(server.api('GET', '/zones/farm.example.')).rejects.toThrow('500');
    await removed('gerda');
    await run('sqlite3', [`${server.folder}/pdns.sqlite3`, "DELETE FROM records WHERE name = 'torn.farm.example';"]);
    expect(await server.rrset('farm.example', 'gerda.farm.example', 'A')).toBeUndefined();
  });

  test('an API below a path of a proxy is used there', async () => {
    const seen: string[] = [];
    const proxy = createServer((asked, answer) => {
      seen.push(asked.url ?? '');
      if (asked.url?.startsWith('/dns/api/') !== true) return void answer.writeHead(404).end();
      const onward = forward(`${server.url}${asked.url.slice(4)}`, { method: asked.method, headers: asked.headers }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      asked.pipe(onward);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const address = proxy.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const behind = await openDriver({ ...server, url: `http://127.0.0.1:${port}/dns/` });
    try {
      expect((await behind.findZone('x.farm.example')).name).toBe('farm.example');
      expect(seen.every((path) => path.startsWith('/dns/api/v1/servers/localhost/'))).toBe(true);
    } finally {
      await behind.close();
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test('undo and removal end where a sub-zone is delegated away, and where a record is broken', async () => {
    await made('emil');
    // from now on the server answers for the name with a referral, without authority
    await server.put('farm.example', 'emil.farm.example', 'NS', [{ content: 'ns.elsewhere.example.', disabled: false }]);
    expect(await server.dig('emil.farm.example', 'A')).not.toMatch(/flags: qr aa/);
    await removed('emil');
    expect(await server.rrset('farm.example', 'emil.farm.example', 'A')).toBeUndefined();
    await made('frida');
    await server.put('farm.example', 'frida.farm.example', 'LUA', [{ content: 'AAAA ";this is no program("', disabled: false }]);
    expect(await server.dig('frida.farm.example', 'AAAA')).toContain('status: SERVFAIL');
    await removed('frida');
    await expect(
      farm.client.domains.add({
        name: 'emil.farm.example',
        dns: { kind: 'powerdns', url: server.url, apiKey: server.apiKey, nameServers: [{ address: '127.0.0.1', port: server.dnsPort }] },
        requestKey: farm.key(),
      }),
    ).rejects.toMatchObject({ code: 'DNS_DELEGATED', data: { zone: 'farm.example', servers: 'ns.elsewhere.example' } });
  });
});

describe('a zone that other servers copy', () => {
  let primary: RealPowerDns;
  let secondary: RealPowerDns;
  let driver: DnsDriver;
  beforeAll(async () => {
    const copyPort = await freeDnsPort();
    // an hour: nobody comes by himself during the test
    primary = await startPowerDns([
      'primary=yes',
      'xfr-cycle-interval=3600',
      `also-notify=127.0.0.1:${copyPort}`,
      'allow-axfr-ips=127.0.0.1',
    ]);
    secondary = await startPowerDns(['secondary=yes', 'xfr-cycle-interval=3600'], copyPort);
    driver = await openDriver(primary);
    for (const [name, edit] of [
      ['farm.example', 'DEFAULT'],
      ['still.example', ''],
    ] as const) {
      await primary.api('POST', '/zones', { name: `${name}.`, kind: 'Master', nameservers: [`ns1.${name}.`], soa_edit_api: edit });
      await secondary.api('POST', '/zones', { name: `${name}.`, kind: 'Slave', masters: [`127.0.0.1:${primary.dnsPort}`] });
      await secondary.api('PUT', `/zones/${name}./axfr-retrieve`);
    }
    await vi.waitFor(async () => expect(await secondary.dig('farm.example', 'SOA')).toContain('status: NOERROR'), { timeout: 20_000 });
  }, 90_000);
  afterAll(async () => {
    await driver.close();
    await primary.stop();
    await secondary.stop();
  });

  test('is copied within seconds after a change', async () => {
    const zone = await driver.findZone('farm.example');
    const change = { zone: zone.name, name: 'anna.farm.example', type: 'A', values: ['192.0.2.44'] } as const;
    const put = planChange([], { action: 'put', ttlSeconds: 60, owned: [], ...change });
    if (put.kind === 'plan') await driver.apply(zone, put.plan);
    await expect.poll(() => secondary.dig('+short', 'anna.farm.example', 'A'), { timeout: 10_000 }).toBe('192.0.2.44');
    const remove = planChange(await driver.list(zone, { name: change.name }), { action: 'remove', others: 'refuse', ...change });
    if (remove.kind === 'plan') await driver.apply(zone, remove.plan);
    await expect.poll(() => secondary.dig('anna.farm.example', 'A'), { timeout: 10_000 }).toContain('status: NXDOMAIN');
  });

  test('tells that its serial stands still, where it does', async () => {
    expect(await driver.faults(await driver.findZone('farm.example'))).toEqual([]);
    const zone = await driver.findZone('still.example');
    expect(await driver.faults(zone)).toEqual(['serial-stands-still']);
    const serial = (): Promise<string> => primary.dig('+short', 'still.example', 'SOA');
    const before = await serial();
    const change = { zone: zone.name, name: 'anna.still.example', type: 'A', values: ['192.0.2.44'] } as const;
    const put = planChange([], { action: 'put', ttlSeconds: 60, owned: [], ...change });
    if (put.kind === 'plan') await driver.apply(zone, put.plan);
    expect(await serial()).toBe(before);
  });
});
