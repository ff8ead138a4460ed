import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Samples } from '#contract/agent/monitoring.ts';
import { placePackage, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';
import { createCollectors } from './collectors.ts';
import { createHostSampler } from './host-sampler.ts';

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

async function measure(isSimulated: boolean) {
  const { supervisor, packages } = life;
  await supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, packages)));
  await supervisor.start('anna');
  const collectors = createCollectors({ ...life, folders: home.folders, isSimulated, intervalMs: 150 });
  const heard: Samples[] = [];
  const dispose = collectors.onSample((samples) => heard.push(samples));
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

test('measures host and instance, keeps what it told, and shows it with the instance', async () => {
  const { collectors, heard } = await measure(false);
  const kept = await collectors.since(0, 100);
  expect(kept.host.map(({ atMs }) => atMs)).toEqual(heard.flatMap(({ host }) => host.map(({ atMs }) => atMs)));
  const facts = await life.os.facts(home.folders.home);
  for (const { cpuMillicores, memoryBytes, diskBytes } of kept.host) {
    expect(cpuMillicores).toBeLessThanOrEqual(facts.cpuCount * 1000 * 1.3);
    expect(memoryBytes).toBeGreaterThan(1e7);
    expect(diskBytes).toBeGreaterThan(0);
  }
  const last = kept.instances.at(-1);
  expect(last).toMatchObject({ instanceId: 'anna', health: 1 });
  expect(last?.memoryBytes).toBeGreaterThan(1e7);
  expect(last?.answerMs).toBeGreaterThan(0);
  const seen = life.supervisor.describe('anna');
  expect(seen.memoryBytes).toBeGreaterThan(1e7);
  expect(seen.diskBytes).toBeGreaterThan(0);
});

test('a simulated server shows what its instances use, not the whole machine', async () => {
  const { heard } = await measure(true);
  for (const { host, instances } of heard)
    expect(host).toMatchObject([
      {
        memoryBytes: instances.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
        cpuMillicores: instances.reduce((sum, { cpuMillicores }) => sum + cpuMillicores, 0),
      },
    ]);
  expect(heard.at(-1)?.host[0]?.diskBytes).toBe(life.supervisor.describe('anna').diskBytes);
});

test('rates come from two looks; a counter that began anew is no negative rate', () => {
  const sample = createHostSampler();
  const counters = { cpuBusyMs: 1000, memoryUsedBytes: 7, diskUsedBytes: 8, networkInBytes: 100, networkOutBytes: 200 };
  expect(sample(counters, 0, 1)).toBeUndefined();
  expect(sample({ ...counters, cpuBusyMs: 2000, networkInBytes: 600, networkOutBytes: 0 }, 2000, 3)).toEqual({
    atMs: 3,
    cpuMillicores: 500,
    memoryBytes: 7,
    diskBytes: 8,
    networkInBytesPerSecond: 250,
    networkOutBytesPerSecond: 0,
  });
});
