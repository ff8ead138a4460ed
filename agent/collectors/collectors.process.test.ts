import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Measurements } from '#contract/agent/monitoring.ts';
import { type MetricRows, type MetricSubject, metricCatalogue } from '#contract/catalogue/metrics.ts';
import { placePackage, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';
import { type CollectorOptions, createCollectors } from './collectors.ts';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let life: Awaited<ReturnType<typeof openSupervision>>;
beforeEach(async () => {
  home = await temporaryHome();
  life = await openSupervision(home.folders);
});
afterEach(async () => {
  for (const { instanceId } of life.supervisor.list()) await life.supervisor.remove(instanceId);
  life.supervisor.close();
  await home.remove();
});

/** What the catalogue does not call absent on this system, but for these. */
function measuredHere(subject: MetricSubject, without: readonly string[] = []): string[] {
  const rows: MetricRows = metricCatalogue[subject];
  const isHere = (name: string): boolean => rows[name]?.absentOn.linux === undefined && !without.includes(name);
  return Object.keys(rows).filter(isHere).toSorted();
}

async function measure(isSimulated: boolean, change: Partial<CollectorOptions> = {}) {
  const { supervisor, packages } = life;
  await supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, packages)));
  await supervisor.start('anna');
  const collectors = createCollectors({ ...life, folders: home.folders, isSimulated, intervalMs: 150, ...change });
  const heard: Measurements[] = [];
  const dispose = collectors.onMeasured((measured) => heard.push(measured));
  await eventually(
    () => heard.length,
    (count) => count >= 3,
  );
  dispose();
  collectors.close();
  const count = heard.length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(heard).toHaveLength(count);
  return { collectors, heard };
}

test('measures server and instance, keeps what it told, and shows it with the instance', async () => {
  const { collectors, heard } = await measure(false);
  const kept = await collectors.since(0, 100);
  expect(kept.server).toEqual(heard.flatMap(({ server }) => server));
  const facts = await life.os.facts(home.folders.home);
  for (const { values } of kept.server) {
    expect(Object.keys(values).toSorted()).toEqual(measuredHere('server'));
    expect(values['cpu']).toBeLessThanOrEqual(facts.cpuCount * 1000 * 1.3);
    expect(values['memory']).toBeGreaterThan(1e7);
    expect(values['disk']).toBeGreaterThan(0);
  }
  const last = kept.instances.at(-1);
  expect(last).toMatchObject({ instanceId: 'anna', values: { health: 1 } });
  expect(Object.keys(last?.values ?? {}).toSorted()).toEqual(measuredHere('instance'));
  expect(last?.values['memory']).toBeGreaterThan(1e7);
  expect(last?.values['answer']).toBeGreaterThan(0);
  const seen = life.supervisor.describe('anna');
  expect(seen.memoryBytes).toBeGreaterThan(1e7);
  expect(seen.diskBytes).toBeGreaterThan(0);
});

test('a simulated server shows what its instances use, not the whole machine', async () => {
  const { heard } = await measure(true);
  const sum = (name: string, { instances }: Measurements): number => instances.reduce((all, { values }) => all + (values[name] ?? 0), 0);
  for (const one of heard.slice(1)) expect(one.server).toMatchObject([{ values: { memory: sum('memory', one), cpu: sum('cpu', one) } }]);
  expect(heard.at(-1)?.server[0]?.values['disk']).toBe(life.supervisor.describe('anna').diskBytes);
});

test('a metric that only the catalogue and a collector know is measured, told and kept', async () => {
  const catalogue = { ...metricCatalogue, server: { ...metricCatalogue.server, gpu: { ...metricCatalogue.server.memory, group: 'gpu' } } };
  const os = { ...life.os, serverMetrics: { ...life.os.serverMetrics, gpu: () => 7 } };
  const { collectors, heard } = await measure(false, { catalogue, os });
  expect(heard.at(-1)?.server[0]?.values).toMatchObject({ gpu: 7 });
  expect((await collectors.since(0, 100)).server.map(({ values }) => values['gpu'])).toEqual(heard.map(() => 7));
});

test('collectors that fail, hang or answer no number leave their own metric out, say so once, and no other', async () => {
  const catalogue = {
    server: { ...metricCatalogue.server, hangs: metricCatalogue.server.memory, noNumber: metricCatalogue.server.memory },
    instance: metricCatalogue.instance,
  };
  const fails = (): never => {
    throw new Error('not today');
  };
  const os = {
    ...life.os,
    serverMetrics: {
      ...life.os.serverMetrics,
      memory: fails,
      hangs: () => new Promise<number>(() => undefined),
      noNumber: () => Number.NaN,
    },
    instanceMetrics: { ...life.os.instanceMetrics, memory: fails },
  };
  // Its patience with a collector is over at once.
  const clock = { ...life.clock, after: (delayMs: number, act: () => void) => life.clock.after(Math.min(delayMs, 150), act) };
  const { heard } = await measure(false, { catalogue, os, clock });
  expect(Object.keys(heard.at(-1)?.server[0]?.values ?? {}).toSorted()).toEqual(measuredHere('server', ['memory']));
  expect(Object.keys(heard.at(-1)?.instances[0]?.values ?? {}).toSorted()).toEqual(measuredHere('instance', ['memory']));
  const told = life.log.entries
    .filter(({ event }) => event === 'metric.absent')
    .map(({ fields }) => `${fields['subject']} ${fields['metric']}`);
  expect(told.toSorted()).toEqual(['anna memory', 'server hangs', 'server memory', 'server noNumber']);
  expect(life.log.bugs).toEqual([]);
});
