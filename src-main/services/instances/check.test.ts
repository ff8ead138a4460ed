import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type InstanceId, packageId } from '#contract/ids.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

/** The check from outside takes as long as a test wants: it answers well once `held` does. */
let held: Promise<void> = Promise.resolve();
const probe: OutsideProbe = {
  lookup: async () => [],
  request: async ({ url, expect: { status } }) => {
    await held;
    const evidence = { url, atMs: 1, names: [], addresses: [{ address: '198.51.100.1', port: 443, outcome: 'ok' }] };
    const tls = { fingerprint: '0'.repeat(64), issuer: 'site authority', validToMs: 4_102_444_800_000, protocol: 'TLSv1.3' };
    const durationsMs = { dns: 1, connect: 1, tls: 1, firstByte: 3 };
    return { addresses: ['198.51.100.1'], tls, status: status[0] ?? 200, headers: {}, durationsMs, evidence };
  },
};
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
let farm: TestCore;
let instanceId: InstanceId;

beforeAll(async () => {
  farm = await createTestCore({ servers: 1, drivers: { probe } });
  const job = await farm.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: farm.key() });
  expect((await farm.settled(job)).state).toBe('done');
  instanceId = (await farm.client.instances.find({ name: 'anna' })).id;
});
afterAll(() => farm.close());
beforeEach(() => void process.on('unhandledRejection', note));
afterEach(() => {
  process.off('unhandledRejection', note);
  unhandled.length = 0;
  farm.links.cut('oak.test:7443', false);
});

test('an agent that gives up while the check from outside is still walked costs the check its own answer, and the core nothing', async () => {
  const walked = Promise.withResolvers<void>();
  held = walked.promise;
  farm.links.cut('oak.test:7443', true);
  const checking = farm.client.instances.check({ instanceId, requestKey: farm.key() });
  // long enough for Node to look for failures that nobody took: it does once the microtasks are done
  await new Promise((resolve) => setTimeout(resolve, 50));
  walked.resolve();
  const { instance, road } = await checking;
  expect(unhandled).toEqual([]);
  expect(road.slice(0, 4).map(({ stone, mark }) => `${stone} ${mark}`)).toContain('application good');
  expect(instance.condition.code).toBe('not-seen');
});
