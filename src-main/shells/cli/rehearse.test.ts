import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginRequest, type JobView, type RehearsalRequest } from '#contract/api/jobs.ts';
import { type AskedOf, type ByRowType, byRowTypes, jobCatalogue } from '#contract/catalogue/jobs.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { runFarm } from '../../testing/run-farm.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 2 });
  await core.addDomain('shop.test');
  http = await serveTestCore(core);
  await core.settled(
    await core.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: core.key() }),
  );
  const [{ id: serverId } = { id: undefined }] = (await core.client.servers.list()).servers;
  const domain = (await core.client.domains.list()).domains.find(({ name }) => name === 'farm.test');
  if (serverId === undefined || domain === undefined) throw new Error('no farm');
  await core.settled(await core.client.domains.keepWildcard({ domainId: domain.id, serverId, requestKey: core.key() }));
});
afterAll(async () => {
  await http.close();
  await core.close();
});

const farm = (...words: string[]) => runFarm(words, core);

const theServer = async () => {
  const [server] = (await core.client.servers.list()).servers;
  if (server === undefined) throw new Error('no server');
  return server;
};
const theDomain = async (name: string) => {
  const domain = (await core.client.domains.list()).domains.find((one) => one.name === name);
  if (domain === undefined) throw new Error(`no domain ${name}`);
  return domain;
};
type Line = {
  readonly words: () => Promise<readonly string[]>;
  readonly act: () => Promise<RehearsalRequest>;
};
/** A type that asks for an instance and nothing more: its command is the row's, about anna. */
type OnInstance = { [T in ByRowType]: keyof AskedOf<T> extends 'instanceId' ? T : never }[ByRowType];
/** How each of the others is typed; one that is missing does not compile. */
const typed: { readonly [T in Exclude<ByRowType, OnInstance>]: Line } = {
  'remove-domain': {
    words: async () => ['domains', 'remove', 'shop.test'],
    act: async () => ({ type: 'remove-domain', domainId: (await theDomain('shop.test')).id }),
  },
  'keep-wildcard': {
    words: async () => ['domains', 'wildcard', 'shop.test', '--server', (await theServer()).name],
    act: async () => ({ type: 'keep-wildcard', domainId: (await theDomain('shop.test')).id, serverId: (await theServer()).id }),
  },
  'drop-wildcard': {
    words: async () => ['domains', 'wildcard', 'farm.test', '--off'],
    act: async () => ({ type: 'drop-wildcard', domainId: (await theDomain('farm.test')).id }),
  },
  'renew-certificate': {
    words: async () => ['certificates', 'renew', '*.farm.test'],
    act: async () => ({ type: 'renew-certificate', domainId: (await theDomain('farm.test')).id }),
  },
  'remove-server': {
    words: async () => ['servers', 'remove', (await theServer()).name, '--give-up'],
    act: async () => ({ type: 'remove-server', serverId: (await theServer()).id, isGivenUp: true }),
  },
  'address-server': {
    words: async () => ['servers', 'confirm', (await theServer()).name, '--address', '198.51.100.7', '--address', '2001:db8::7'],
    act: async () => ({ type: 'address-server', serverId: (await theServer()).id, publicAddresses: ['198.51.100.7', '2001:db8::7'] }),
  },
};

const isTyped = (type: ByRowType): type is keyof typeof typed => Object.hasOwn(typed, type);
function lineOf(type: ByRowType): Line {
  if (isTyped(type)) return typed[type];
  const { area, verb } = jobCatalogue[type].command;
  return {
    words: async () => [area, verb, 'anna'],
    act: async () => beginRequest.parse({ type, instanceId: (await core.client.instances.find({ name: 'anna' })).id }),
  };
}
/** Anna runs, and all is well with her. */
const changesNothing: readonly ByRowType[] = ['start', 'resume'];

test.each(byRowTypes)('what %s would change is said as the core says it, nobody is asked for a yes, and no job is made', async (type) => {
  const line = lineOf(type);
  const words = await line.words();
  const jobs = (await core.client.jobs.list({})).jobs.length;
  const { changes } = await core.client.jobs.rehearse({ act: await line.act() });
  const text = await farm(...words, '--dry-run');
  expect([text.code, text.error]).toEqual([0, '']);
  for (const { title, says } of changes) expect(text.out).toContain(`  ${title}\n    ${says}`);
  const json = JSON.parse((await farm(...words, '--dry-run', '--json')).out) as { isRehearsal: boolean; changes: unknown };
  expect(json).toMatchObject({ isRehearsal: true, changes });
  expect((await core.client.jobs.list({})).jobs).toHaveLength(jobs);
  if (isTyped(type) || changesNothing.includes(type)) expect(changes.length > 0).toBe(!changesNothing.includes(type));
});

test('addresses that nobody typed are those that the server has, and of what must be one of two only one may be typed', async () => {
  const { name, publicAddresses } = await theServer();
  const { job } = JSON.parse((await farm('servers', 'confirm', name, '--no-wait', '--json')).out) as { job: JobView };
  const [kept] = await core.drivers.store.jobs.find({ id: job.id });
  expect(kept?.input.after).toEqual(publicAddresses.map(({ address }) => ({ address, state: 'confirmed' })));
  for (const both of [[], ['--off', '--server', name]]) {
    const { code, error } = await farm('domains', 'wildcard', 'farm.test', ...both);
    expect([code, error]).toEqual([2, expect.stringContaining('Give either --server NAME or --off.')]);
  }
});
