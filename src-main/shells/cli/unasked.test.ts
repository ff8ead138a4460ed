import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { runFarm } from '../../testing/run-farm.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 1 });
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
});

test('what an agent does not answer about a stopped job is told as unknown, with the cause, beside what others say', async () => {
  const [agent] = core.agents;
  const silent = new FarmError('SERVER_UNREACHABLE', { server: 'Oak', address: 'oak.test:7443', cause: 'silent' });
  agent?.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: 'anna', exitCode: '1', lastLine: '' }), 9);
  agent?.failNext('instances.remains', silent, 9);
  const farm = (...words: string[]) => runFarm(words, core);
  const made = await farm('instances', 'create', '--name', 'anna', '--json');
  const { job } = made.json() as { job: JobView };
  expect([made.code, job.state]).toEqual([1, 'stopped']);
  const traces = async () => ((await farm('jobs', 'show', job.id, '--json')).json() as { job: JobView }).job.traces;
  await expect.poll(async () => (await traces()).map(({ code }) => code)).toContain('row');
  expect(await traces()).toContainEqual(
    expect.objectContaining({
      code: 'unasked',
      parameters: { what: 'files' },
      isPresent: false,
      failure: { code: silent.code, parameters: silent.parameters },
    }),
  );
  const said =
    /\n {2}\? Process, port, folder, user and log: unknown, because nobody could be asked\n {4}Oak takes the connection at oak\.test:7443, but .+ hangs/;
  expect((await farm('jobs', 'show', job.id)).out).toMatch(said);
  expect((await farm('jobs', 'show', job.id, '--language', 'ru')).out).toContain('неизвестно, спросить было некого');
});
