import { beforeEach, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { createMemoryNameServer } from '../../testing/light/memory-name-server.ts';
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import { keepRecentZones, recentMs } from './recent-zones.ts';

const recently = { mayBeRecent: true } as const;
let clock: ManualClock;
let nameServer: ReturnType<typeof createMemoryNameServer>;
let asked: string[];
let failure: FarmError | undefined;
let driver: DnsDriver;

beforeEach(() => {
  clock = createManualClock();
  nameServer = createMemoryNameServer([{ name: 'farm.test', serial: 1, records: [] }]);
  asked = [];
  failure = undefined;
  const bare = nameServer.driver('builtin', async (call, work) => {
    asked.push(call);
    if (failure !== undefined) throw failure;
    return work();
  });
  driver = keepRecentZones(
    {
      ...bare,
      authoritativeServers: (zone, call) => {
        asked.push('servers');
        return bare.authoritativeServers(zone, call);
      },
    },
    clock,
  );
});
/** Somebody makes a zone of its own there, and we hear nothing of it. */
const makeZone = (name: string): void => nameServer.put({ name, serial: 1, records: [] });
const zoneNameOf = async (name: string, call?: typeof recently): Promise<string> => (await driver.findZone(name, call)).name;

test('one answer is enough for a name and for those between it and its zone', async () => {
  expect(await zoneNameOf('a.b.farm.test', recently)).toBe('farm.test');
  for (const name of ['A.b.farm.test.', 'b.farm.test', 'farm.test']) expect(await zoneNameOf(name, recently)).toBe('farm.test');
  expect(asked).toEqual(['dns.findZone']);
  // a name beside it may have a zone of its own
  makeZone('c.farm.test');
  expect(await zoneNameOf('c.farm.test', recently)).toBe('c.farm.test');
  const zone = await driver.findZone('farm.test', recently);
  expect(await driver.authoritativeServers(zone, recently)).toEqual(await driver.authoritativeServers(zone, recently));
  expect(asked).toEqual(['dns.findZone', 'dns.findZone', 'servers']);
});

test('whoever does not say that a recent answer will do is answered afresh, and all others from then on', async () => {
  await driver.findZone('a.farm.test', recently);
  makeZone('a.farm.test');
  expect(await zoneNameOf('a.farm.test', recently)).toBe('farm.test');
  expect(await zoneNameOf('a.farm.test')).toBe('a.farm.test');
  expect(await zoneNameOf('a.farm.test', recently)).toBe('a.farm.test');
});

test.each([
  ['at its end', recentMs],
  ['when the clock was put back', -1],
])('an answer is recent for so long only: %s', async (_when, passedMs) => {
  let atMs = clock.nowMs();
  const moved = keepRecentZones(
    nameServer.driver('builtin', async (_call, work) => work()),
    { nowMs: () => atMs },
  );
  await moved.findZone('a.farm.test', recently);
  makeZone('a.farm.test');
  atMs += passedMs > 0 ? passedMs - 1 : 0;
  expect((await moved.findZone('a.farm.test', recently)).name).toBe('farm.test');
  atMs += passedMs > 0 ? 1 : passedMs;
  expect((await moved.findZone('a.farm.test', recently)).name).toBe('a.farm.test');
});

test('a call that fails, whatever it was, makes all of it forgotten', async () => {
  const zone = await driver.findZone('a.farm.test', recently);
  await driver.authoritativeServers(zone, recently);
  makeZone('a.farm.test');
  failure = new FarmError('DNS_SLOW', { domain: 'farm.test', name: 'a.farm.test', server: 'ns', seconds: 1 });
  await expect(driver.list(zone, {})).rejects.toMatchObject({ code: 'DNS_SLOW' });
  failure = undefined;
  asked.length = 0;
  expect(await zoneNameOf('a.farm.test', recently)).toBe('a.farm.test');
  await driver.authoritativeServers(zone, recently);
  expect(asked).toEqual(['dns.findZone', 'servers']);
});

test('a zone that is made or taken away makes all of it forgotten', async () => {
  await driver.findZone('a.farm.test', recently);
  await driver.createZone('a.farm.test', []);
  expect(await zoneNameOf('a.farm.test', recently)).toBe('a.farm.test');
  await driver.removeZone?.('a.farm.test');
  expect(await zoneNameOf('a.farm.test', recently)).toBe('farm.test');
});

test('an answer that was on its way while a call failed is not kept', async () => {
  const zone = await driver.findZone('farm.test');
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const slow = nameServer.driver('builtin', async (call, work) => {
    const answer = await work();
    if (call === 'dns.findZone') await held;
    if (call === 'dns.list') throw new Error('down');
    return answer;
  });
  const kept = keepRecentZones(slow, clock);
  const first = kept.findZone('a.farm.test', recently);
  await expect(kept.list(zone)).rejects.toThrow('down');
  makeZone('a.farm.test');
  letGo();
  expect((await first).name).toBe('farm.test');
  expect((await kept.findZone('a.farm.test', recently)).name).toBe('a.farm.test');
});

test('whoever has given up is not answered from what is recent', async () => {
  await driver.findZone('a.farm.test', recently);
  const call = { ...recently, signal: AbortSignal.abort(new Error('enough')) };
  await expect(driver.findZone('a.farm.test', call)).rejects.toThrow('enough');
});
