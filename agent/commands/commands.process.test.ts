import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Measurements } from '#contract/agent/monitoring.ts';
import { placePackage, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, rememberingEdge, temporaryHome } from '../testing/test-agent.ts';
import { createCertificateCommands } from './certificates.ts';
import { createInstanceCommands } from './instances.ts';
import { createMonitoringCommands } from './monitoring.ts';

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

test('a watcher sees all, then changes gathered, then what was removed; its end frees the listener', async () => {
  const { supervisor, logs, clock } = life;
  const listening = { count: 0 };
  const counted: typeof supervisor = {
    ...supervisor,
    onChange: (listener) => {
      listening.count++;
      const dispose = supervisor.onChange(listener);
      return () => {
        listening.count--;
        dispose();
      };
    },
  };
  const client = createRouterClient(createInstanceCommands({ supervisor: counted, logs, clock }));
  const spec = testSpec('anna', 'healthy', await placePackage(home.folders, life.packages));
  await client.create(spec);
  const reader = new AbortController();
  const events = await client.watch(undefined, { signal: reader.signal });
  expect((await events.next()).value).toMatchObject({ instances: [{ instanceId: 'anna', process: { state: 'none' } }], removed: [] });
  const started = client.start({ instanceId: 'anna' });
  let seen = 0;
  for (let isRunning = false; !isRunning; seen++) {
    const next = await events.next();
    if (next.done === true) throw new Error('the stream ended');
    expect(next.value.instances).toHaveLength(1);
    isRunning = next.value.instances[0]?.process.state === 'running';
  }
  expect(seen).toBeLessThan(8);
  await started;
  await client.remove({ instanceId: 'anna' });
  for (let isGone = false; !isGone; ) {
    const next = await events.next();
    if (next.done === true) throw new Error('the stream ended');
    isGone = next.value.removed.includes('anna');
  }
  expect(listening.count).toBe(1);
  const pending = events.next();
  reader.abort();
  await pending.catch(() => undefined);
  await eventually(
    () => listening.count,
    (count) => count === 0,
  );
});

test('logs are read and followed; what is not here says so', async () => {
  const { supervisor, logs, clock } = life;
  const client = createRouterClient(createInstanceCommands({ supervisor, logs, clock }));
  await expect(client.log({ instanceId: 'anna', lines: 5 })).rejects.toMatchObject({ code: 'NOT_FOUND', parameters: { kind: 'log' } });
  await client.create(testSpec('anna', 'healthy', await placePackage(home.folders, life.packages)));
  expect((await client.log({ instanceId: 'anna', lines: 5 })).lines.at(-1)).toMatchObject({
    stream: 'agent',
    text: 'set-up step=init exit=0 done=true',
  });
  const reader = new AbortController();
  const followed = await client.followLog({ instanceId: 'anna', lines: 0 }, { signal: reader.signal });
  await followed.next();
  await client.start({ instanceId: 'anna' });
  const next = await followed.next();
  expect(next.done === true ? [] : next.value.lines.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^started pid=\d+ port=\d+$/),
  );
  reader.abort();
});

test.each(['../../etc', 'a/b', '', '.hidden', 'x'.repeat(65)])('the id %j never reaches a path', async (instanceId) => {
  const { supervisor, logs, clock } = life;
  const client = createRouterClient(createInstanceCommands({ supervisor, logs, clock }));
  const spec = testSpec('anna', 'healthy', await placePackage(home.folders, life.packages));
  for (const act of [
    client.create({ ...spec, instanceId }),
    client.remove({ instanceId }),
    client.log({ instanceId, lines: 1 }),
    client.remains({ instanceId }),
  ])
    await expect(act).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
});

test('an instance that is not here: described it is not found, removed it is nothing', async () => {
  const { supervisor, logs, clock } = life;
  const client = createRouterClient(createInstanceCommands({ supervisor, logs, clock }));
  await expect(client.describe({ instanceId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND', parameters: { kind: 'instance' } });
  await expect(client.start({ instanceId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await client.remove({ instanceId: 'none' })).toEqual({ removed: [] });
  const spec = testSpec('x', 'healthy', await placePackage(home.folders, life.packages));
  const elsewhere = { ...spec, manifestHash: spec.payload };
  await expect(client.create(elsewhere)).rejects.toMatchObject({ code: 'NOT_FOUND', parameters: { kind: 'package' } });
  await expect(client.create({ ...spec, parameters: { mode: 'healthy', other: 1 } })).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    parameters: { parameter: 'other', problem: 'unknown' },
  });
});

/** What an agent measures, as tests tell it. */
function toldMeasurements() {
  const listeners = new Set<(measured: Measurements) => void>();
  const all: Measurements = { server: [], instances: [] };
  return {
    listeners,
    tell: (measured: Measurements): void => {
      all.server.push(...measured.server);
      all.instances.push(...measured.instances);
      for (const listener of listeners) listener(measured);
    },
    since: () => Promise.resolve({ ...all, isComplete: true }),
    onMeasured: (listener: (measured: Measurements) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

test.each(['watchMeasured', 'watch'] as const)('a slow reader of %s gets measurements together', async (command) => {
  const source = toldMeasurements();
  const client = createRouterClient(createMonitoringCommands(source, life.clock));
  const events = await client[command]();
  const first = events.next();
  await eventually(
    () => source.listeners.size,
    (size) => size === 1,
  );
  const tell = (atMs: number): void => source.tell({ server: [{ atMs, values: { cpu: 1, memory: 1, disk: 1 } }], instances: [] });
  const part = command === 'watch' ? 'host' : 'server';
  tell(1);
  expect(await first).toMatchObject({ value: { [part]: [{ atMs: 1 }] } });
  tell(2);
  tell(3);
  expect(await events.next()).toMatchObject({ value: { [part]: [{ atMs: 2 }, { atMs: 3 }] } });
  await events.return?.(undefined);
  expect(source.listeners.size).toBe(0);
});

test('a core of before gets the form that it knows, and a gap where a number that it demands is absent', async () => {
  const source = toldMeasurements();
  const client = createRouterClient(createMonitoringCommands(source, life.clock));
  const whole = { cpu: 1, memory: 2, disk: 3 };
  source.tell({
    server: [
      { atMs: 1, values: { ...whole, networkIn: 4, networkOut: 5, gpu: 6 } },
      // As on Windows, and as where a collector failed.
      { atMs: 2, values: whole },
      { atMs: 3, values: { cpu: 1, disk: 3 } },
      { atMs: 4, values: { cpu: 1, memory: 2 } },
      { atMs: 5, values: { memory: 2, disk: 3 } },
    ],
    instances: [
      { instanceId: 'anna', atMs: 1, values: { cpu: 7, memory: 8, health: 1, answer: 9 } },
      { instanceId: 'berta', atMs: 1, values: { cpu: 7, memory: 8 } },
      { instanceId: 'carla', atMs: 1, values: { health: 1, answer: 9 } },
    ],
  });
  const host = { cpuMillicores: 1, memoryBytes: 2, diskBytes: 3 };
  expect(await client.since({ sinceMs: 0, limit: 10 })).toEqual({
    host: [
      { atMs: 1, ...host, networkInBytesPerSecond: 4, networkOutBytesPerSecond: 5 },
      { atMs: 2, ...host, networkInBytesPerSecond: 0, networkOutBytesPerSecond: 0 },
    ],
    instances: [
      { instanceId: 'anna', atMs: 1, cpuMillicores: 7, memoryBytes: 8, health: 1, answerMs: 9 },
      { instanceId: 'berta', atMs: 1, cpuMillicores: 7, memoryBytes: 8, health: null, answerMs: null },
    ],
    isComplete: true,
  });
});

test('a certificate goes in, is listed without its key, and is gone when removed', async () => {
  const client = createRouterClient(createCertificateCommands(rememberingEdge()));
  const certificate = {
    certificateId: 'c1',
    names: ['*.farm.localhost'],
    chainPem: 'chain',
    notBeforeMs: 1,
    notAfterMs: 2,
    fingerprintSha256: 'f',
    isPubliclyTrusted: false,
  };
  await client.install({ certificate, keyPem: 'key' });
  expect(await client.list()).toEqual({ certificates: [certificate] });
  await expect(client.install({ certificate: { ...certificate, certificateId: '../x' }, keyPem: 'key' })).rejects.toMatchObject({
    code: 'CERTIFICATE_INVALID',
  });
  await client.remove({ certificateId: 'c1' });
  await client.remove({ certificateId: 'c1' });
  expect(await client.list()).toEqual({ certificates: [] });
});
