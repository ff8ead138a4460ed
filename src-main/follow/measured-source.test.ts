import { afterEach, beforeAll, expect, test } from 'vitest';
import { startTestAgent, type TestAgentOptions } from '../drivers/agent-link/fixtures/test-agent.ts';
import { makeFarm, makeLinks, type TestFarm } from '../drivers/agent-link/fixtures/test-farm.ts';
import { openMeasuredSource } from './measured-source.ts';

/** Over the real link: mutual TLS, the commands of its hello, and answers checked against the contract. */
const links = makeLinks();
const undo: (() => Promise<unknown>)[] = [];
let farm: TestFarm;
beforeAll(async () => {
  farm = await makeFarm();
});
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

const values = { cpu: 1, memory: 2, disk: 3, networkIn: 4, networkOut: 5 };
const own = { cpu: 1, memory: 2, answer: 3.5 };
const measured = {
  server: [
    { atMs: 1, values: { ...values, gpu: 7 } },
    { atMs: 2, values: { gpu: 8 } },
  ],
  instances: [{ instanceId: 'anna', atMs: 1, values: { ...own, sessions: 9 } }],
};
const commandsOfBefore = ['link.hello', 'link.beats', 'monitoring.since', 'monitoring.watch'];

async function sourceOf(options: TestAgentOptions) {
  const agent = await startTestAgent({ measured, ...options });
  undo.push(agent.dispose);
  await links.pair(farm.pairRequest(agent.address, agent.code()));
  const { address, keyFingerprint } = agent;
  const link = links.open(farm.identity, { serverId: 'server-1', serverName: 'Oak', address, keyFingerprint });
  undo.push(link.close);
  await link.ready(5_000);
  const control = new AbortController();
  undo.push(async () => control.abort());
  const { source, first } = await openMeasuredSource(link.client, 10, control.signal, 0);
  const heard = async () => {
    for await (const event of await source.watch()) return event;
    return undefined;
  };
  return { source, first, heard };
}

test('an agent that names its metrics is heard with all of them, also one that no program here knows', async () => {
  const { source, first, heard } = await sourceOf({});
  expect(first).toEqual({ ...measured, isComplete: true });
  expect(await source.since(1)).toEqual({ ...measured, isComplete: true });
  expect(await heard()).toEqual(measured);
});

test('an agent of before is asked in the form that it knows; what it cannot say is absent', async () => {
  const { source, first, heard } = await sourceOf({ commands: () => commandsOfBefore });
  const known = { server: [{ atMs: 1, values }], instances: [{ instanceId: 'anna', atMs: 1, values: own }] };
  expect(first).toEqual({ ...known, isComplete: true });
  expect(await source.since(1)).toEqual({ ...known, isComplete: true });
  expect((await heard())?.server[0]?.values).toEqual({ cpu: 0, memory: 1, disk: 1, networkIn: 1, networkOut: 1 });
});
