import { afterEach, beforeEach, expect, test } from 'vitest';
import type { QuietReport } from '#contract/agent/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { RunAct } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type InstanceId, packageId } from '#contract/ids.ts';
import { runCli } from '../../shells/cli/run-cli.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import type { FakeAgent } from '../../testing/fake-agent.ts';
import { serveTestCore } from '../../testing/http-fixture.ts';

const still: QuietReport = { state: 'still', waitedMs: 1600, isHeld: true, inFlight: 0, streams: 0, folder: 'still' };
const busy: QuietReport = { state: 'gave-up', waitedMs: 20_012, isHeld: true, inFlight: 3, streams: 0, folder: 'moving' };
const note = { code: 'not-quiet', parameters: { name: 'anna', seconds: 20, counted: 'yes', requests: 3, folder: 'moving' } };
const sentence =
  'After 20 seconds anna was ended although 3 requests were still running and its data folder was still changing: what was written in the last moments may be lost.';

let core: TestCore;
let agent: FakeAgent;
let instanceId: InstanceId;
beforeEach(async () => {
  core = await createTestCore({ servers: 1 });
  const [only] = core.agents;
  if (only === undefined) throw new Error('no agent');
  agent = only;
  const job = await core.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: core.key() });
  expect((await core.settled(job)).state).toBe('done');
  instanceId = (await core.client.instances.find({ name: 'anna' })).id;
});
afterEach(() => core.close());

const act = async (type: RunAct | 'remove'): Promise<JobView> =>
  core.settled(await core.client.instances[type]({ instanceId, requestKey: core.key() }));
const told = (job: JobView) => job.steps.flatMap(({ name, notes = [] }) => notes.map((one) => ({ step: name, ...one })));

test.each([
  ['stop', 'stop'],
  ['suspend', 'stop'],
  ['restart', 'restart'],
  ['remove', 'stop'],
] as const)('%s of an instance that was not still says at its step what may be lost', async (type, step) => {
  agent.endsAs(busy);
  const job = await act(type);
  expect([job.state, told(job)]).toEqual(['done', [{ step, ...note }]]);
  // It stays with the job for whoever looks later.
  expect(told(await core.client.jobs.get({ jobId: job.id }))).toEqual([{ step, ...note }]);
});

test.each(['stop', 'suspend', 'restart', 'remove'] as const)('%s of a still instance says nothing', async (type) => {
  agent.endsAs(still);
  const job = await act(type);
  expect([job.state, told(job)]).toEqual(['done', []]);
});

test('an end without a count of requests says so', async () => {
  agent.endsAs({ state: 'gave-up', waitedMs: 10_000, isHeld: false, folder: 'unknown' });
  const parameters = { name: 'anna', seconds: 10, counted: 'no', requests: 0, folder: 'unknown' };
  expect(told(await act('stop'))).toEqual([{ step: 'stop', code: 'not-quiet', parameters }]);
});

test('what was told stays when a later step fails and the job is continued', async () => {
  agent.endsAs(busy);
  agent.failNext('instances.remove', new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' }));
  const stopped = await act('remove');
  expect([stopped.state, told(stopped)]).toEqual(['stopped', [{ step: 'stop', ...note }]]);
  const job = await core.settled(await core.client.jobs.continue({ jobId: stopped.id, requestKey: core.key() }));
  expect([job.state, told(job)]).toEqual(['done', [{ step: 'stop', ...note }]]);
});

test('a restart whose start fails says it beside its failure; the next, which ends nothing, does not', async () => {
  agent.endsAs(busy);
  agent.breaks(instanceId);
  const failed = await act('restart');
  expect([failed.state, told(failed)]).toEqual(['failed', [{ step: 'restart', ...note }]]);
  expect(failed.failure?.code).not.toBe('INTERNAL');
  agent.endsAs(still);
  expect(told(await act('restart'))).toEqual([]);
});

test('the undo of a create tells it at the step whose process it ends', async () => {
  agent.endsAs(busy);
  agent.failNext('edge.putRoute', new FarmError('PORT_TAKEN', { port: 443, owner: 'nginx' }));
  const begun = await core.client.instances.create({ name: 'boris', packageId: packageId.parse('static-site'), requestKey: core.key() });
  expect((await core.settled(begun)).state).toBe('stopped');
  const job = await core.settled(await core.client.jobs.undo({ jobId: begun.id, requestKey: core.key() }));
  const parameters = { ...note.parameters, name: 'boris' };
  expect([job.state, told(job)]).toEqual(['undone', [{ step: 'start', code: 'not-quiet', parameters }]]);
});

test('REST and the command line, as text and as JSON, say it too', async () => {
  const http = await serveTestCore(core);
  try {
    const farm = async (...words: string[]): Promise<string> => {
      const out: string[] = [];
      const output = { write: (text: string) => void out.push(text), isTerminal: false, width: 400 };
      const environment = { LANG: 'en_US.UTF-8', FARM_HOME: core.home };
      const { signal } = new AbortController();
      const code = await runCli({ words, out: output, error: output, environment, signal, readInput: async () => '' });
      expect([code, code === 0 ? '' : out.join('')]).toEqual([0, '']);
      return out.join('');
    };
    agent.endsAs(busy);
    expect(await farm('instances', 'restart', 'anna')).toContain(sentence);
    const restarts = await fetch(`${http.origin}/api/v1/jobs?limit=1`, { headers: http.browser() });
    const { jobs } = (await restarts.json()) as { jobs: JobView[] };
    expect(jobs.map((one) => [one.type, told(one)])).toEqual([['restart', [{ step: 'restart', ...note }]]]);
    const shown = JSON.parse(await farm('instances', 'stop', 'anna', '--json')) as { job: JobView };
    expect(told(shown.job)).toEqual([{ step: 'stop', ...note }]);
    expect(await farm('jobs', 'show', shown.job.id)).toContain(sentence);
    expect(await farm('jobs', 'show', shown.job.id, '--language', 'ru')).toContain(
      'ещё выполнялись 3 запроса, а папка с данными ещё менялась',
    );
  } finally {
    await http.close();
  }
});
