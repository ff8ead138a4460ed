import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InstanceView, PathCheck } from '#contract/api/instances.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

type Event = { readonly instance: InstanceView; readonly road: readonly PathCheck[] };
let farm: TestCore;
beforeAll(async () => {
  farm = await createTestCore({ servers: 1 });
});
afterAll(() => farm.close());

const ended = async (jobId: InstanceView['jobId']): Promise<string> => {
  if (jobId === undefined) throw new Error('no job');
  let state = '';
  for await (const view of await farm.client.jobs.watch({ jobId })) state = view.state;
  return state;
};
const made = async (name: string): Promise<InstanceView> => {
  const job = await farm.client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: farm.key() });
  expect(await ended(job.id)).toBe('done');
  return farm.client.instances.find({ name });
};
const follow = async (name: string) => {
  const stop = new AbortController();
  const events = (await farm.client.instances.watchOne({ name }, { signal: stop.signal }))[Symbol.asyncIterator]();
  const until = async (isIt: (event: Event) => boolean): Promise<Event> => {
    for (let tries = 0; tries < 50; tries += 1) {
      const next = await events.next();
      if (next.done === true) throw new Error('the stream ended');
      if (isIt(next.value)) return next.value;
    }
    throw new Error('never told');
  };
  return { events, until, stop: () => stop.abort() };
};

describe('one instance, followed', () => {
  test('is told now, and again when the application, its server, its customer or its road has changed', async () => {
    const { id } = await made('anna');
    const { until, stop } = await follow('anna.farm.test');
    expect((await until(() => true)).instance).toMatchObject({ id, name: 'anna', condition: { code: 'running' } });
    const [agent] = farm.agents;
    agent?.change(id, { answerMs: 1700 });
    expect((await until(({ instance }) => instance.answerMs === 1700)).instance.condition.code).toBe('slow');
    agent?.change(id, { answerMs: 4 });
    agent?.routes.delete('anna.farm.test');
    await farm.client.instances.check({ instanceId: id, requestKey: farm.key() });
    expect((await until(({ road }) => road[3]?.code === 'status')).road[3]).toMatchObject({ stone: 'application', mark: 'bad' });
    farm.links.cut('oak.test:7443', true);
    await until(({ instance }) => instance.condition.code === 'not-seen');
    farm.links.cut('oak.test:7443', false);
    await until(({ instance }) => instance.condition.code === 'running');
    // another name of the farm reads everything again, which is no reason to say that the instance has gone
    await farm.client.settings.update({ name: 'Another name', requestKey: farm.key() });
    await farm.client.instances.suspend({ instanceId: id, requestKey: farm.key() });
    await until(({ instance }) => instance.condition.code === 'suspended');
    stop();
  });

  test('gives a reader that was away the newest, not every change', async () => {
    const { id } = await made('berta');
    const { until, events, stop } = await follow('berta');
    await until(() => true);
    const [agent] = farm.agents;
    for (let answerMs = 10; answerMs < 40; answerMs += 1) agent?.change(id, { answerMs });
    await new Promise((resolve) => setTimeout(resolve, 250));
    let told = 0;
    await until(({ instance }) => {
      told += 1;
      return instance.answerMs === 39;
    });
    expect(told).toBeLessThan(4);
    stop();
    expect((await events.next()).done).toBe(true);
  });

  test('ends with NOT_FOUND when it is removed, and at once where there is none', async () => {
    const { id } = await made('carla');
    const { until } = await follow('carla');
    await until(() => true);
    const job = await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() });
    await expect(until(() => false)).rejects.toMatchObject({ code: 'NOT_FOUND', data: { kind: 'instance', name: 'carla' } });
    expect(await ended(job.id)).toBe('done');
    const none = await follow('nobody');
    await expect(none.events.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
