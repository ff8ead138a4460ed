import { afterEach, beforeEach, expect, test } from 'vitest';
import { history } from '#contract/api/monitoring.ts';
import { drawnMetricsOf, metricCatalogue } from '#contract/catalogue/metrics.ts';
import { instanceId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import type { FakeAgent } from '../../testing/fake-agent.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';

/** A sixth metric of servers and a fifth of instances that no program has. */
const catalogue = {
  server: { ...metricCatalogue.server, gpu: { ...metricCatalogue.server.memory, bound: null, group: 'gpu' } },
  instance: { ...metricCatalogue.instance, sessions: { ...metricCatalogue.instance.answer, unit: 'share', group: 'sessions' } },
} as const;
const anna = instanceId.parse('01a21200-0000-7000-8000-00000000000a');

let farm: TestCore;
let http: HttpFixture;
beforeEach(async () => {
  farm = await createTestCore({ servers: 0, metrics: catalogue });
  http = await serveTestCore(farm);
});
afterEach(async () => {
  await http.close();
  await farm.close();
});

const idOf = async (name: string): Promise<string> =>
  (await farm.client.servers.list()).servers.find((server) => server.name === name)?.id ?? '';
const serverOf = async (name: string) => (await farm.client.servers.list()).servers.find((server) => server.name === name);

/** As a billing panel reads it: over HTTP. */
async function restHistory(name: string) {
  const untilMs = Date.now() + 5000;
  const url = `${http.origin}/api/v1/servers/${await idOf(name)}/history?sinceMs=${untilMs - 600_000}&untilMs=${untilMs}&points=10`;
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${http.linkToken}` }, signal: AbortSignal.timeout(5000) });
  expect(answer.status).toBe(200);
  const read = history.parse(await answer.json());
  return Object.fromEntries(read.series.map(({ metric, values }) => [metric, values.filter((value) => value !== null)]));
}
/** Every metric that is drawn, not measured; a further one of the catalogue is here by itself. */
const nothing = Object.fromEntries(drawnMetricsOf('server').map((metric) => [metric, []]));
const measured = { cpu: 500, memory: 1024, disk: 2048, networkIn: 3, networkOut: 4 };
const push = (agent: FakeAgent, values: Record<string, number>, own: Record<string, number> = {}, atMs = Date.now()): void =>
  agent.measured({ server: [{ atMs, values }], instances: [{ instanceId: anna, atMs, values: own }] });
const stored = async (id: string) => (await farm.drivers.store.samples.range(id, 0, Number.MAX_SAFE_INTEGER)).map(({ values }) => values);

test('a metric that is only a row of the catalogue comes from a new agent through the core to REST', async () => {
  const agent = await farm.addServer('Oak');
  push(agent, { ...measured, gpu: 7 }, { cpu: 1, sessions: 0.5 });
  await expect
    .poll(() => restHistory('Oak'))
    .toEqual({ ...nothing, cpu: [12.5], memory: [1024], disk: [2048], networkIn: [3], networkOut: [4], gpu: [7] });
  expect(await stored(anna)).toEqual([{ cpu: 1, sessions: 0.5 }]);
});

test('an agent of before is read as ever, and lacks it: absent, not zero', async () => {
  const agent = await farm.addServer('Oak', { isOld: true });
  push(agent, { ...measured, gpu: 7 }, { cpu: 1, memory: 2, answer: 3, sessions: 0.5 });
  await expect
    .poll(() => restHistory('Oak'))
    .toEqual({ ...nothing, cpu: [12.5], memory: [1024], disk: [2048], networkIn: [3], networkOut: [4], gpu: [] });
  expect(await stored(anna)).toEqual([{ cpu: 1, memory: 2, answer: 3 }]);
});

test('what an agent of either kind kept while the core was away is fetched', async () => {
  const [fresh, old] = [await farm.addServer('Oak'), await farm.addServer('Pine', { isOld: true })];
  for (const name of ['oak', 'pine']) farm.links.cut(`${name}.test:7443`, true);
  push(fresh, { ...measured, gpu: 7 });
  push(old, measured);
  for (const name of ['oak', 'pine']) farm.links.cut(`${name}.test:7443`, false);
  await expect.poll(async () => (await restHistory('Oak'))['gpu'], { timeout: 8000 }).toEqual([7]);
  await expect.poll(async () => (await restHistory('Pine'))['memory'], { timeout: 8000 }).toEqual([1024]);
});

test('a metric that is absent leaves a gap and no zero in history, view and busiest hour; the others stay', async () => {
  const agent = await farm.addServer('Oak');
  push(agent, { cpu: 500, disk: 2048 });
  await expect.poll(() => restHistory('Oak')).toMatchObject({ cpu: [12.5], memory: [], disk: [2048], networkIn: [] });
  expect(await serverOf('Oak')).toMatchObject({ measured: { cpuMillicores: 500, diskBytes: 2048 } });
  expect((await serverOf('Oak'))?.measured).not.toHaveProperty('memoryBytes');
  expect((await serverOf('Oak'))?.busiest).toEqual({ cpuMillicores: 500, diskBytes: 2048 });
});

test('names that the catalogue lacks are not kept, however many an agent tells', async () => {
  const agent = await farm.addServer('Oak');
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`made-up-${n}`, n]));
  push(agent, { ...many, memory: 9 }, many);
  await expect.poll(async () => stored(await idOf('Oak'))).toEqual([{ memory: 9 }]);
  expect(await stored(anna)).toEqual([]);
});
