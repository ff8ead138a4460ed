import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { planChange } from '../../../model/domains/plan-change.ts';
import type { DnsDriver } from '../../../ports/dns.ts';
import { createTestCore } from '../../../testing/create-test-core.ts';
import { createFileZoneStorage } from '../builtin/file-storage.ts';
import { createBuiltinDriver } from '../builtin/index.ts';
import { testDnsConformance } from '../conformance.ts';
import { dnsDrivers } from '../index.ts';

/** Real parts: Debian's `pdns-server pdns-backend-sqlite3 sqlite3 dnsutils`, which `npm run test:real` installs. */
const schemaPath = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql';
const apiKey = 'test-key-of-this-run';
const run = promisify(execFile);

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function freeDnsPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

describe('PowerDNS', () => {
  let folder: string;
  let daemon: ChildProcess;
  let driver: DnsDriver;
  let dnsPort: number;
  let url: string;
  const context = (): Parameters<typeof dnsDrivers.powerdns.create>[1] => ({
    resolveHost: async () => ['127.0.0.1'],
    timeoutMs: 5000,
    zoneStorage: createFileZoneStorage(join(folder, 'unused.json')),
  });
  const open = (key: string): Promise<DnsDriver> =>
    dnsDrivers.powerdns.create(
      dnsDrivers.powerdns.credentials.parse({ url, apiKey: key, nameServers: [{ address: '127.0.0.1', port: dnsPort }] }),
      context(),
    );
  const dig = async (...words: string[]): Promise<string> =>
    (await run('dig', ['@127.0.0.1', '-p', String(dnsPort), '+norecurse', '+tries=1', ...words])).stdout.trim();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pdns-real-'));
    const database = join(folder, 'pdns.sqlite3');
    await writeFile(join(folder, 'schema.sql'), await readFile(schemaPath, 'utf8'));
    await run('sqlite3', [database, `.read ${join(folder, 'schema.sql')}`]);
    dnsPort = await freeDnsPort();
    const apiPort = await freeTcpPort();
    url = `http://127.0.0.1:${apiPort}`;
    // the key goes by file: argument lists are public
    await writeFile(
      join(folder, 'pdns.conf'),
      [
        'launch=gsqlite3',
        `gsqlite3-database=${database}`,
        'local-address=127.0.0.1',
        `local-port=${dnsPort}`,
        'api=yes',
        `api-key=${apiKey}`,
        'webserver-address=127.0.0.1',
        `webserver-port=${apiPort}`,
        `socket-dir=${folder}`,
        'daemon=no',
        'guardian=no',
        'security-poll-suffix=',
      ].join('\n'),
      { mode: 0o600 },
    );
    daemon = spawn('pdns_server', [`--config-dir=${folder}`], { stdio: 'ignore' });
    driver = await open(apiKey);
    await vi.waitFor(() => driver.createZone('farm.example', ['ns1.farm.example', 'ns2.example.net']), { timeout: 15_000, interval: 100 });
  }, 30_000);
  afterAll(async () => {
    await driver.close();
    if (daemon.exitCode === null && daemon.kill('SIGTERM')) await once(daemon, 'exit');
    await rm(folder, { recursive: true });
  });

  testDnsConformance({ driver: () => driver, zoneName: 'farm.example' });

  test('the zone is taken whose name is longest', async () => {
    await driver.createZone('apps.farm.example', ['ns1.farm.example']);
    expect((await driver.findZone('anna.apps.farm.example')).name).toBe('apps.farm.example');
    expect((await driver.findZone('anna.farm.example')).name).toBe('farm.example');
  });

  test('name servers are those of the zone when none are given', async () => {
    const plain = await dnsDrivers.powerdns.create({ url, apiKey }, context());
    const servers = await plain.authoritativeServers(await plain.findZone('farm.example'));
    expect(servers.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'ns1.farm.example', addresses: ['127.0.0.1'], port: 53 },
      { name: 'ns2.example.net', addresses: ['127.0.0.1'], port: 53 },
    ]);
  });

  test('the one key of the server reaches every zone of it', async () => {
    const zone = await driver.findZone('farm.example');
    const before = await driver.reach(zone);
    if (before.kind !== 'whole-server') throw new Error(before.kind);
    await driver.createZone('another.example', ['ns1.farm.example']);
    expect(await driver.reach(zone)).toEqual({ kind: 'whole-server', otherZones: before.otherZones + 1 });
    expect(driver.removeZone).toBeUndefined();
  });

  test('a wrong key is a matter of credentials, and stays out of the error', async () => {
    const wrong = await open('wrong-key');
    const error: unknown = await wrong.findZone('farm.example').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'DNS_CREDENTIALS', parameters: { domain: 'farm.example' } });
    expect(JSON.stringify(error)).not.toContain('wrong-key');
  });

  test('a secondary zone is not written to', async () => {
    const headers = { 'X-API-Key': apiKey, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ name: 'copy.example.', kind: 'Slave', masters: ['192.0.2.1'] });
    expect((await fetch(`${url}/api/v1/servers/localhost/zones`, { method: 'POST', headers, body })).status).toBe(201);
    await expect(driver.findZone('anna.copy.example')).rejects.toMatchObject({
      code: 'DNS_REFUSED',
      parameters: { reason: 'secondary-zone' },
    });
  });

  test('dig sees the record come and go', async () => {
    const zone = await driver.findZone('farm.example');
    const change = { zone: zone.name, name: 'anna.farm.example', type: 'A', values: ['192.0.2.44'] } as const;
    const put = planChange([], { action: 'put', ttlSeconds: 60, owned: [], ...change });
    if (put.kind === 'plan') await driver.apply(zone, put.plan);
    expect(await dig('+noall', '+answer', 'anna.farm.example', 'A')).toMatch(/^anna\.farm\.example\.\s+60\s+IN\s+A\s+192\.0\.2\.44$/);
    const remove = planChange(await driver.list(zone, { name: change.name }), { action: 'remove', others: 'refuse', ...change });
    if (remove.kind === 'plan') await driver.apply(zone, remove.plan);
    expect(await dig('anna.farm.example', 'A')).toContain('status: NXDOMAIN');
  });

  test.each([
    ['A', '198.51.100.1', '198.51.100.1 (Oak)'],
    ['CNAME', 'balancer.provider.example', 'balancer.provider.example'],
  ] as const)('under a wildcard %s an instance is made and removed, and the proof tells who answers now', async (type, value, leads) => {
    const zone = await driver.findZone('farm.example');
    const change = { zone: zone.name, name: '*.farm.example', type, values: [value] } as const;
    const put = planChange([], { action: 'put', ttlSeconds: 60, owned: [], ...change });
    if (put.kind === 'plan') await driver.apply(zone, put.plan);
    const farm = await createTestCore({ servers: 1 });
    try {
      const nameServers = [{ address: '127.0.0.1', port: dnsPort }];
      const dns = { kind: 'powerdns' as const, url, apiKey, nameServers };
      const { id: domainId } = await farm.client.domains.add({ name: 'farm.example', dns, requestKey: farm.key() });
      const request = { name: 'anna', packageId: packageId.parse('static-site'), domainId, requestKey: farm.key() };
      expect(await farm.settled(await farm.client.instances.create(request))).toMatchObject({ state: 'done' });
      const { id: instanceId } = await farm.client.instances.find({ name: 'anna' });
      const gone = await farm.settled(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }));
      expect(gone).toMatchObject({ state: 'done' });
      expect(gone.traces).toContainEqual(
        expect.objectContaining({
          code: 'wildcard',
          isPresent: false,
          parameters: { name: 'anna.farm.example', type: 'A', value: '198.51.100.1', wildcard: '*.farm.example', leads },
        }),
      );
    } finally {
      await farm.close();
      const gone = planChange(await driver.list(zone, { name: change.name }), { action: 'remove', others: 'refuse', ...change });
      if (gone.kind === 'plan') await driver.apply(zone, gone.plan);
    }
  });

  test('the farm’s own wildcard leads an instance without a record, and leaves nothing', async () => {
    const farm = await createTestCore({ servers: 1 });
    try {
      const nameServers = [{ address: '127.0.0.1', port: dnsPort }];
      const dns = { kind: 'powerdns' as const, url, apiKey, nameServers };
      const { id: domainId } = await farm.client.domains.add({ name: 'farm.example', dns, requestKey: farm.key() });
      const [server] = (await farm.client.servers.list()).servers;
      if (server === undefined) throw new Error('no server');
      await farm.client.domains.keepWildcard({ domainId, serverId: server.id, requestKey: farm.key() });
      const request = { name: 'berta', packageId: packageId.parse('static-site'), domainId, requestKey: farm.key() };
      expect(await farm.settled(await farm.client.instances.create(request))).toMatchObject({ state: 'done' });
      expect(await driver.list(await driver.findZone('farm.example'), { name: 'berta.farm.example' })).toEqual([]);
      expect(await dig('+short', 'berta.farm.example', 'A')).toBe('198.51.100.1');
      expect(await farm.client.domains.inspect({ domainId })).toMatchObject({ differenceCount: 0, advice: { code: 'wildcard-kept' } });
      await farm.client.domains.dropWildcard({ domainId, requestKey: farm.key() });
      expect(await dig('nobody.farm.example', 'A')).toContain('status: NXDOMAIN');
      expect(await dig('+short', 'berta.farm.example', 'A')).toBe('198.51.100.1');
      const { id: instanceId } = await farm.client.instances.find({ name: 'berta' });
      await farm.settled(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }));
      expect(await dig('berta.farm.example', 'A')).toContain('status: NXDOMAIN');
      await farm.client.domains.remove({ domainId, requestKey: farm.key() });
      expect((await driver.findZone('farm.example')).name).toBe('farm.example');
    } finally {
      await farm.close();
    }
  });

  test('dig takes our own server for a proper one', async () => {
    const builtin = await createBuiltinDriver({ address: '127.0.0.1', port: 0 }, context());
    try {
      const zone = await builtin.createZone('own.example', []);
      const put = planChange([], {
        action: 'put',
        zone: zone.name,
        name: '*.own.example',
        type: 'TXT',
        ttlSeconds: 60,
        values: ['z'.repeat(3000)],
        owned: [],
      });
      if (put.kind === 'plan') await builtin.apply(zone, put.plan);
      const [server] = await builtin.authoritativeServers(zone);
      const ask = async (...words: string[]): Promise<string> =>
        (await run('dig', ['@127.0.0.1', '-p', String(server?.port), '+norecurse', '+tries=1', ...words])).stdout;
      const negative = await ask('a.b.c.example');
      expect(negative).toContain('status: REFUSED');
      const long = await ask('AnY.own.example', 'TXT');
      expect(long).toContain('status: NOERROR');
      expect(long).toMatch(/AnY\.own\.example\.\s+60\s+IN\s+TXT/);
      expect(long).toMatch(/SERVER: 127\.0\.0\.1#\d+\(127\.0\.0\.1\) \(TCP\)/);
      expect(long).not.toContain('WARNING');
      expect(await ask('own.example', 'SOA', '+short')).toMatch(/^ns1\.own\.example\. hostmaster\.own\.example\. 2 /);
      expect(await ask('own.example', 'MX')).toMatch(/flags: qr aa;.*AUTHORITY: 1/);
    } finally {
      await builtin.close();
    }
  });
});
