import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageId, serverId } from '#contract/ids.ts';
import { createHoldJobs, type HoldJobs } from '../../testing/hold-jobs.ts';
import { serveTestCore } from '../../testing/http-fixture.ts';
import type { TestCore } from '../../testing/create-test-core.ts';
import { runCli } from '../../shells/cli/run-cli.ts';
import { createFakeAgent, type FakeAgent } from '../../testing/fake-agent.ts';

let jobs: HoldJobs;
let farm: TestCore;
let elm: FakeAgent;
beforeEach(async () => {
  jobs = await createHoldJobs(1);
  farm = jobs.farm;
  elm = createFakeAgent({ name: 'Elm', clock: farm.clock, publicAddress: '203.0.113.5' });
  farm.links.add('elm.test:7443', elm);
  farm.agents.push(elm);
});
afterEach(() => jobs.end());

const add = (more: { address?: string; code?: string; name?: string } = {}) =>
  farm.client.servers.add({ address: 'elm.test', code: elm.code, name: 'Elm', requestKey: farm.key(), ...more });
const names = async (): Promise<string[]> => (await farm.client.servers.list()).servers.map(({ name }) => name).sort();
const locks = () => farm.drivers.store.locks.find();

test('a server joins by its code, which is kept nowhere as it was typed', async () => {
  const held = jobs.holdAt('join-server.row.before');
  const job = await add();
  const { go } = await held;
  const kept = JSON.stringify([await farm.drivers.store.jobs.find(), await farm.drivers.store.jobSteps.find()]);
  expect(kept).not.toContain(elm.code);
  go();
  const done = await farm.settled(job);
  expect(done).toMatchObject({ type: 'join-server', state: 'done', subject: { kind: 'server', name: 'Elm' } });
  const server = await farm.client.servers.get({ serverId: serverId.parse(done.subject.id) });
  expect(server).toMatchObject({ name: 'Elm', condition: { code: 'ready' }, keyFingerprint: elm.fingerprint });
  expect(JSON.stringify([await farm.drivers.store.acts.find(), farm.logLines])).not.toContain(elm.code);
  expect(await locks()).toEqual([]);
});

test('a wrong code leaves nothing, says why, and the right one joins after it', async () => {
  const refused = await farm.settled(await add({ code: 'WRONG' }));
  expect(refused).toMatchObject({ state: 'undone', failure: { code: 'CODE_INVALID', parameters: { reason: 'wrong' } } });
  expect([await names(), elm.farm(), await locks()]).toEqual([['Oak'], undefined, []]);
  expect((await farm.settled(await add())).state).toBe('done');
});

test('an agent that was paired is told to leave when its row cannot be written', async () => {
  const held = jobs.holdAt('join-server.row.before');
  const job = await add();
  const { go } = await held;
  expect(elm.farm()).toBeDefined();
  const [oak] = (await farm.client.servers.list()).servers;
  if (oak === undefined) throw new Error('no Oak');
  await farm.client.servers.update({ serverId: oak.id, name: 'elm', requestKey: farm.key() });
  go();
  expect(await farm.settled(job)).toMatchObject({ state: 'undone', failure: { code: 'EXISTS', parameters: { name: 'Elm' } } });
  expect([await names(), elm.farm(), await locks()]).toEqual([['elm'], undefined, []]);
});

test('a link that cannot be opened takes the row back, and the agent is told as soon as it can be', async () => {
  const held = jobs.holdAt('join-server.link.before');
  const job = await add();
  const { go } = await held;
  farm.links.cut('elm.test:7443', true);
  go();
  const stopped = await farm.settled(job);
  expect(stopped).toMatchObject({ state: 'stopped', direction: 'back', failure: { code: 'SERVER_UNREACHABLE' } });
  expect(await names()).toEqual(['Oak']);
  farm.links.cut('elm.test:7443', false);
  const undone = await farm.settled(await farm.client.jobs.continue({ jobId: stopped.id, requestKey: farm.key() }));
  expect([undone.state, elm.farm()]).toEqual(['undone', undefined]);
});

test('one whose agent never comes back is forgotten when a person gives it up, and its proof says that nobody was told', async () => {
  const held = jobs.holdAt('join-server.link.before');
  const job = await add();
  const { go } = await held;
  farm.links.cut('elm.test:7443', true);
  go();
  const stopped = await farm.settled(job);
  expect(stopped).toMatchObject({ state: 'stopped', direction: 'back', failure: { code: 'SERVER_UNREACHABLE' } });
  const http = await serveTestCore(farm);
  try {
    const run = async (...words: string[]): Promise<readonly [number, string]> => {
      const out: string[] = [];
      const output = { write: (text: string) => void out.push(text), isTerminal: false, width: 400 };
      const environment = { LANG: 'en_US.UTF-8', FARM_HOME: farm.home };
      const { signal } = new AbortController();
      return [await runCli({ words, out: output, error: output, environment, signal, readInput: async () => '' }), out.join('')];
    };
    expect((await run('jobs', 'show', job.id))[1]).toContain('farm servers remove Elm --give-up');
    const forgotten = await run('servers', 'remove', 'elm', '--give-up', '--dry-run');
    expect(forgotten).toEqual([0, expect.stringContaining('The farm forgets its key and does not call it again.')]);
    const rehearse = (isGivenUp: boolean) =>
      farm.client.jobs.rehearse({ act: { type: 'remove-server', serverId: serverId.parse(job.subject.id), isGivenUp } });
    expect((await rehearse(true)).changes.map(({ code, parameters }) => [code, parameters.server])).toEqual([
      ['membership-given-up', 'Elm'],
    ]);
    // without it there is nothing to remove, as a begin says too
    await expect(rehearse(false)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await farm.client.jobs.get({ jobId: job.id })).toMatchObject({ state: 'stopped', direction: 'back' });
    const [code, said] = await run('servers', 'remove', 'elm', '--give-up', '--yes');
    expect([code, said]).toEqual([0, expect.stringContaining('The agent of Elm could not be told. What is on that computer stays there')]);
  } finally {
    await http.close();
  }
  const ended = await farm.client.jobs.get({ jobId: job.id });
  expect(ended).toMatchObject({ state: 'undone', traces: [{ code: 'membership-unasked', parameters: { told: 'no' } }, { code: 'row' }] });
  expect([await names(), await locks()]).toEqual([['Oak'], []]);
  // its name and its address are free again
  farm.links.cut('elm.test:7443', false);
  farm.links.add('elm.test:7443', createFakeAgent({ name: 'Elm', clock: farm.clock, publicAddress: '203.0.113.9' }));
  expect((await farm.settled(await add())).state).toBe('done');
});

test('one that answers is told to leave, also when it is given up; a join that goes forward is not given up', async () => {
  const held = jobs.holdAt('join-server.link.before');
  const job = await add();
  const { go } = await held;
  const giveUp = () => farm.client.servers.remove({ serverId: serverId.parse(job.subject.id), isGivenUp: true, requestKey: farm.key() });
  await expect(giveUp()).rejects.toMatchObject({ code: 'OBJECT_BUSY' });
  farm.links.cut('elm.test:7443', true);
  go();
  expect((await farm.settled(job)).state).toBe('stopped');
  farm.links.cut('elm.test:7443', false);
  expect(await farm.settled(await giveUp())).toMatchObject({ state: 'undone' });
  expect([elm.farm(), await names(), await locks()]).toEqual([undefined, ['Oak'], []]);
  await expect(giveUp()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('one that is in the farm under another address keeps the id that we know', async () => {
  expect((await farm.settled(await add())).state).toBe('done');
  farm.links.add('other.test:7443', elm);
  const again = await farm.settled(await add({ address: 'other.test', name: 'Other' }));
  expect(again).toMatchObject({ state: 'undone', failure: { code: 'SERVER_ALREADY_JOINED', parameters: { server: 'Elm' } } });
  expect(await names()).toEqual(['Elm', 'Oak']);
  expect((await farm.client.servers.list()).servers.map(({ condition }) => condition.code)).toEqual(['ready', 'ready']);
});

describe('while it joins', () => {
  test('its address and its name are taken, it is offered to nobody, and it cannot leave', async () => {
    const held = jobs.holdAt('join-server.ready.before');
    const job = await add();
    const { go } = await held;
    await expect(add({ name: 'Other' })).rejects.toMatchObject({ code: 'SERVER_ALREADY_JOINED', data: { server: 'Elm' } });
    await expect(add({ address: 'other.test', name: 'ELM' })).rejects.toMatchObject({ code: 'EXISTS' });
    const id = serverId.parse(job.subject.id);
    expect((await farm.client.servers.get({ serverId: id })).condition.code).toBe('joining');
    await expect(farm.client.servers.remove({ serverId: id, requestKey: farm.key() })).rejects.toMatchObject({ code: 'OBJECT_BUSY' });
    const request = { name: 'anna', packageId: packageId.parse('static-site'), serverId: id };
    const create = await farm.settled(await farm.client.instances.create({ ...request, requestKey: farm.key() }));
    expect(create).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_DOES_NOT_FIT', parameters: { reason: 'joining' } } });
    go();
    expect((await farm.settled(job)).state).toBe('done');
    expect((await farm.settled(await farm.client.jobs.continue({ jobId: create.id, requestKey: farm.key() }))).state).toBe('done');
  });

  test('one without a name at the same moment as another gets a name of its own', async () => {
    const fir = createFakeAgent({ name: 'Fir', clock: farm.clock, publicAddress: '203.0.113.6' });
    farm.links.add('fir.test:7443', fir);
    const jobs = await Promise.all([
      farm.client.servers.add({ address: 'elm.test', code: elm.code, requestKey: farm.key() }),
      farm.client.servers.add({ address: 'fir.test', code: fir.code, requestKey: farm.key() }),
    ]);
    for (const job of jobs) expect((await farm.settled(job)).state).toBe('done');
    expect(new Set(await names()).size).toBe(3);
  });

  test('the same request key is the same join', async () => {
    const requestKey = farm.key();
    const request = { address: 'elm.test', code: elm.code, name: 'Elm', requestKey };
    const [one, other] = await Promise.all([farm.client.servers.add(request), farm.client.servers.add(request)]);
    expect(other.id).toBe(one.id);
    expect((await farm.settled(one)).state).toBe('done');
    expect((await farm.client.servers.add(request)).id).toBe(one.id);
  });
});
