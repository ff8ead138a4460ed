import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createManualClock } from '../../testing/manual-clock.ts';

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore({ servers: 1 });
});
afterAll(() => core.close());

const names = async (text: string): Promise<string[]> => (await core.client.customers.list({ text })).customers.map((one) => one.name);

describe('the same request key', () => {
  test('one after the other is one act with one answer', async () => {
    const input = { name: 'Twice', requestKey: core.key() };
    const first = await core.client.customers.create(input);
    expect(await core.client.customers.create(input)).toEqual(first);
    expect(await names('Twice')).toEqual(['Twice']);
  });

  test('at the same moment is one act with one answer', async () => {
    const input = { name: 'Together', requestKey: core.key() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => core.client.customers.create(input)));
    expect(new Set(answers.map((one) => one.id)).size).toBe(1);
    expect(await names('Together')).toEqual(['Together']);
  });

  test('for something else is refused, and does nothing', async () => {
    const requestKey = core.key();
    await core.client.customers.create({ name: 'Something', requestKey });
    await expect(core.client.customers.create({ name: 'Other', requestKey })).rejects.toMatchObject({
      code: 'REQUEST_KEY_REUSED',
      data: { key: requestKey },
    });
    expect(await names('Other')).toEqual([]);
  });

  test('at the same moment for something else is refused too', async () => {
    const requestKey = core.key();
    const results = await Promise.allSettled([
      core.client.customers.create({ name: 'Race one', requestKey }),
      core.client.customers.create({ name: 'Race two', requestKey }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({ reason: { code: 'REQUEST_KEY_REUSED' } });
    expect(await names('Race')).toHaveLength(1);
  });

  test('of another person is another act', async () => {
    const input = { name: 'Two people', requestKey: core.key() };
    await core.as('own', 'ann').customers.create(input);
    await core.as('own', 'bob').customers.create(input);
    expect(await names('Two people')).toHaveLength(2);
  });

  test('of an act that failed may be tried again', async () => {
    const requestKey = core.key();
    const [server] = (await core.client.servers.list()).servers;
    if (server === undefined) throw new Error('no server');
    const input = { address: 'nowhere.test:7443', code: 'x', name: server.name, requestKey };
    await expect(core.client.servers.add(input)).rejects.toMatchObject({ code: 'EXISTS' });
    await core.client.servers.update({ serverId: server.id, name: 'Elm', requestKey: core.key() });
    const job = await core.settled(await core.client.servers.add(input));
    expect(job).toMatchObject({ state: 'undone', failure: { code: 'SERVER_UNREACHABLE' } });
    expect((await core.client.servers.add(input)).id).toBe(job.id);
    await core.client.servers.update({ serverId: server.id, name: server.name, requestKey: core.key() });
  });

  test('of creating an instance gives the same job, and one instance', async () => {
    const [first] = (await core.client.packages.list({ language: 'en' })).packages.filter((one) => one.isDefault);
    if (first === undefined) throw new Error('no package');
    const input = { name: 'keyed', packageId: first.id, requestKey: core.key() };
    const jobs = await Promise.all([core.client.instances.create(input), core.client.instances.create(input)]);
    expect(new Set(jobs.map((job) => job.id)).size).toBe(1);
    await expect(core.client.instances.create({ ...input, name: 'other' })).rejects.toMatchObject({ code: 'REQUEST_KEY_REUSED' });
  });
});

describe('a request key on a read', () => {
  /** As a panel may send it: with a field that the contract does not have. */
  const asked = (client: object, name: string, input: object): Promise<unknown> => {
    const procedure = name.split('.').reduce<unknown>((at, key) => Reflect.get(Object(at), key), client);
    return Reflect.apply(procedure as (input: unknown) => Promise<unknown>, undefined, [input]);
  };
  const kept = async (): Promise<number> => (await core.drivers.store.acts.find()).length;

  test('keeps nothing, and is answered anew', async () => {
    const look = core.as('look', 'guest');
    const before = await kept();
    const input = { text: 'Kept by nobody', requestKey: core.key() };
    expect(await asked(look, 'customers.list', input)).toMatchObject({ customers: [] });
    await core.client.customers.create({ name: 'Kept by nobody', requestKey: core.key() });
    expect(await asked(look, 'customers.list', input)).toMatchObject({ customers: [{ name: 'Kept by nobody' }] });
    // the one that is new is the creation's own
    expect(await kept()).toBe(before + 1);
  });

  test('leaves a stream a stream', async () => {
    const before = await kept();
    const events = await asked(core.as('look', 'guest'), 'monitoring.watch', { requestKey: core.key() });
    expect(Object(events)[Symbol.asyncIterator]).toBeTypeOf('function');
    const iterator = (events as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ kind: 'snapshot' });
    await iterator.return?.();
    expect(await kept()).toBe(before);
  });
});

test('an answer is kept for seven days, and then forgotten', async () => {
  const clock = createManualClock();
  const farm = await createTestCore({ servers: 0, clock });
  const dayMs = 86_400_000;
  try {
    const input = { name: 'Once', requestKey: farm.key() };
    const first = await farm.client.customers.create(input);
    clock.advance(6.9 * dayMs);
    expect(await farm.client.customers.create(input)).toEqual(first);
    clock.advance(0.2 * dayMs);
    await expect.poll(() => farm.drivers.store.acts.find()).toEqual([]);
    expect((await farm.client.customers.create(input)).id).not.toBe(first.id);
  } finally {
    await farm.close();
  }
});
