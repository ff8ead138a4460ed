import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { planChange } from '../../../model/domains/plan-change.ts';
import type { StoredZone } from '../../../ports/dns.ts';
import type { DnsDriver } from '../../../ports/dns-writes.ts';
import { createFileZoneStorage } from './file-storage.ts';
import { openInProcess } from './fixtures/in-process.ts';
import { createBuiltinDriver } from './index.ts';

const inProcess = { openServer: openInProcess, timeoutMs: 5000 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'builtin-dns-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function putAnna(driver: DnsDriver): Promise<void> {
  const zone = await driver.findZone('anna.farm.localhost');
  const planning = planChange([], {
    action: 'put',
    zone: zone.name,
    name: 'anna.farm.localhost',
    type: 'A',
    ttlSeconds: 60,
    values: ['127.0.0.1'],
    owned: [],
  });
  if (planning.kind === 'plan') await driver.apply(zone, planning.plan);
}

describe('its lifetime', () => {
  const open: DnsDriver[] = [];
  const start = async (path: string, port = 0): Promise<DnsDriver> => {
    const driver = await createBuiltinDriver({ address: '127.0.0.1', port }, { ...inProcess, zoneStorage: createFileZoneStorage(path) });
    open.push(driver);
    return driver;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((driver) => driver.close()));
  });

  test('zones, records and the serial survive a restart', async () => {
    const path = join(folder, 'below', 'zones.json');
    const first = await start(path);
    const zone = await first.createZone('Farm.Localhost.', []);
    await putAnna(first);
    const before = await first.list(zone);
    await first.close();
    await first.close();
    const second = await start(path);
    expect(await second.list(zone)).toEqual(before);
    expect(before.find((set) => set.type === 'SOA')?.values[0]).toContain(' 2 3600 ');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'below'))).toEqual(['zones.json']);
  });

  test('a half-written file is named, not overwritten', async () => {
    const path = join(folder, 'half.json');
    await writeFile(path, '{"formatVersion":1,"zones":[{"name"');
    await expect(start(path)).rejects.toMatchObject({ code: 'HOME_HALF_WRITTEN', parameters: { path } });
    await writeFile(path, '{"formatVersion":1,"zones":[{"name":7}]}');
    await expect(start(path)).rejects.toMatchObject({ code: 'HOME_HALF_WRITTEN', parameters: { problem: 'zones.0.name' } });
    expect(await readFile(path, 'utf8')).toBe('{"formatVersion":1,"zones":[{"name":7}]}');
  });

  test('a port that another program has is named', async () => {
    const driver = await start(join(folder, 'one.json'));
    const [server] = await driver.authoritativeServers(await driver.createZone('farm.localhost', []));
    const port = server?.port ?? 0;
    await expect(start(join(folder, 'two.json'), port)).rejects.toMatchObject({ code: 'PORT_TAKEN', parameters: { port } });
    await driver.close();
    const again = await start(join(folder, 'two.json'), port);
    expect(await again.authoritativeServers(await again.createZone('farm.localhost', []))).toEqual([
      { name: 'ns1.farm.localhost', addresses: ['127.0.0.1'], port },
    ]);
  });

  test('a record that could not be saved is not served', async () => {
    let saved: readonly StoredZone[] = [];
    let isFull = false;
    const driver = await createBuiltinDriver(
      { address: '127.0.0.1', port: 0 },
      {
        ...inProcess,
        zoneStorage: {
          load: async () => saved,
          save: async (zones) => {
            if (isFull) throw new Error('disk full');
            saved = zones;
          },
        },
      },
    );
    open.push(driver);
    const zone = await driver.createZone('farm.localhost', []);
    isFull = true;
    await expect(putAnna(driver)).rejects.toThrow('disk full');
    expect(await driver.list(zone, { name: 'anna.farm.localhost' })).toEqual([]);
    isFull = false;
    await putAnna(driver);
    expect(saved[0]?.records.length).toBe(1);
  });
});
