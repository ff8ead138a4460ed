import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { planChange } from '../../../model/domains/plan-change.ts';
import type { DnsDriver } from '../../../ports/dns-writes.ts';
import { createTestCore } from '../../../testing/create-test-core.ts';
import { createFileZoneStorage } from '../builtin/file-storage.ts';
import { openInProcess } from '../builtin/fixtures/in-process.ts';
import { createBuiltinDriver } from '../builtin/index.ts';
import { createPowerDnsDriver } from './index.ts';
import { type RealPowerDns, run, startPowerDns } from './fixtures/real-powerdns.ts';

describe('PowerDNS', () => {
  let server: RealPowerDns;
  let driver: DnsDriver;
  let dnsPort: number;
  let url: string;
  let apiKey: string;
  const context = { resolveHost: async () => ['127.0.0.1'], timeoutMs: 5000 };
  const open = (key: string): DnsDriver =>
    createPowerDnsDriver({ url, apiKey: key, nameServers: [{ address: '127.0.0.1', port: dnsPort }] }, context);
  const dig: RealPowerDns['dig'] = (...words) => server.dig(...words);

  beforeAll(async () => {
    server = await startPowerDns();
    ({ dnsPort, url, apiKey } = server);
    driver = open(apiKey);
    await driver.createZone('farm.example', ['ns1.farm.example', 'ns2.example.net']);
  }, 30_000);
  afterAll(async () => {
    await driver.close();
    await server.stop();
  });

  test('the zone is taken whose name is longest', async () => {
    await driver.createZone('apps.farm.example', ['ns1.farm.example']);
    expect((await driver.findZone('anna.apps.farm.example')).name).toBe('apps.farm.example');
    expect((await driver.findZone('anna.farm.example')).name).toBe('farm.example');
  });

  test('name servers are those of the zone when none are given', async () => {
    const plain = createPowerDnsDriver({ url, apiKey }, context);
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
    const wrong = open('wrong-key');
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
      const { id: domainId } = await farm.addDomain('farm.example', dns);
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
      const { id: domainId } = await farm.addDomain('farm.example', dns);
      const [server] = (await farm.client.servers.list()).servers;
      if (server === undefined) throw new Error('no server');
      await farm.settled(await farm.client.domains.keepWildcard({ domainId, serverId: server.id, requestKey: farm.key() }));
      const request = { name: 'berta', packageId: packageId.parse('static-site'), domainId, requestKey: farm.key() };
      expect(await farm.settled(await farm.client.instances.create(request))).toMatchObject({ state: 'done' });
      expect(await driver.list(await driver.findZone('farm.example'), { name: 'berta.farm.example' })).toEqual([]);
      expect(await dig('+short', 'berta.farm.example', 'A')).toBe('198.51.100.1');
      expect(await farm.client.domains.inspect({ domainId })).toMatchObject({ differenceCount: 0, advice: { code: 'wildcard-kept' } });
      await farm.settled(await farm.client.domains.dropWildcard({ domainId, requestKey: farm.key() }));
      expect(await dig('nobody.farm.example', 'A')).toContain('status: NXDOMAIN');
      expect(await dig('+short', 'berta.farm.example', 'A')).toBe('198.51.100.1');
      const { id: instanceId } = await farm.client.instances.find({ name: 'berta' });
      await farm.settled(await farm.client.instances.remove({ instanceId, requestKey: farm.key() }));
      expect(await dig('berta.farm.example', 'A')).toContain('status: NXDOMAIN');
      await farm.settled(await farm.client.domains.remove({ domainId, requestKey: farm.key() }));
      expect((await driver.findZone('farm.example')).name).toBe('farm.example');
    } finally {
      await farm.close();
    }
  });

  test('dig takes our own server for a proper one', async () => {
    const builtin = await createBuiltinDriver(
      { address: '127.0.0.1', port: 0 },
      { openServer: openInProcess, timeoutMs: 5000, zoneStorage: createFileZoneStorage(join(server.folder, 'unused.json')) },
    );
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
