import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { runFarm } from '../../testing/run-farm.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 1 });
  await core.addDomain('shop.test');
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
});

async function farm(...line: string[]) {
  const { code, out, error } = await runFarm([...line, '--json'], core);
  return { code, said: JSON.parse(out || error) as Record<string, unknown> };
}
const create = (...more: string[]) => farm('instances', 'create', '--package', 'static-site', ...more);

test('an instance is made below the domain that is named, also where another domain has the name already', async () => {
  expect((await create('--name', 'anna')).said).toMatchObject({ instance: { host: 'anna.farm.test' } });
  const rehearsed = await create('--name', 'anna', '--domain', 'shop.test', '--dry-run');
  expect(rehearsed).toMatchObject({ code: 0, said: { wouldBegin: true, host: 'anna.shop.test', url: 'https://anna.shop.test' } });
  const made = await create('--name', 'anna', '--domain', 'SHOP.test');
  expect(made).toMatchObject({ code: 0, said: { instance: { host: 'anna.shop.test' }, url: 'https://anna.shop.test' } });
  const hosts = (await core.drivers.store.ownedRecords.find()).map(({ name }) => name);
  expect(hosts.toSorted()).toEqual(['anna.farm.test', 'anna.shop.test']);
});

test('a name that is taken there is proposed otherwise there, and a domain that is none is said', async () => {
  const taken = await create('--name', 'anna', '--domain', 'shop.test');
  expect(taken).toMatchObject({
    code: 4,
    said: { error: { code: 'NAME_TAKEN', parameters: { address: 'anna.shop.test' } }, proposal: 'anna-2' },
  });
  const unknown = await create('--name', 'berta', '--domain', 'nowhere.test');
  expect(unknown).toMatchObject({ code: 3, said: { error: { code: 'NOT_FOUND', parameters: { kind: 'domain', name: 'nowhere.test' } } } });
  expect((await core.client.instances.query({})).total).toBe(2);
});
