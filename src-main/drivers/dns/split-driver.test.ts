import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedDns } from '../../ports/dns.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import { openInProcess } from './builtin/fixtures/in-process.ts';
import { createBuiltinDriver } from './builtin/index.ts';
import { splitDrivers } from './split-driver.ts';

let whole: DnsDriver;
let reads: OpenedDns;
let split: ReturnType<typeof splitDrivers<[]>>;
beforeEach(async () => {
  whole = await createBuiltinDriver(
    { address: '127.0.0.1', port: 0 },
    { openServer: openInProcess, timeoutMs: 5000, zoneStorage: { load: async () => [], save: async () => undefined } },
  );
  split = splitDrivers(async () => whole);
  reads = await split.open();
});
afterEach(() => reads.close());

describe('the halves of a DNS driver', () => {
  it('lacks the writing calls in the reading half, also at run time, and nothing else', () => {
    const missing = Object.keys(whole).filter((call) => !Object.hasOwn(reads, call));
    expect(missing.toSorted()).toEqual(['apply', 'createZone', 'removeZone']);
  });

  it('writes with the same driver', async () => {
    const writes = split.writesOf(reads);
    await writes.createZone('farm.test', []);
    expect((await reads.findZone('anna.farm.test')).name).toBe('farm.test');
    await writes.removeZone?.('farm.test');
    await expect(reads.findZone('anna.farm.test')).rejects.toMatchObject({ code: 'DNS_ZONE_MISSING' });
  });

  it('has no way to take a zone away where the driver has none', async () => {
    const { removeZone: _none, ...others } = whole;
    const there = splitDrivers(async () => others);
    expect(Object.hasOwn(there.writesOf(await there.open()), 'removeZone')).toBe(false);
  });

  it('refuses reads that came from elsewhere', () => {
    expect(() => split.writesOf({ ...reads })).toThrow('was not opened here');
  });
});
