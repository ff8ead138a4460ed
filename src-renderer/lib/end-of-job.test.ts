import { expect, test } from 'vitest';
import { type JobView, jobView } from '#contract/api/jobs.ts';
import type { CoreClient } from './core-client.ts';
import { actOnInstance, endOfJob } from './end-of-job.ts';

const job = (state: JobView['state'], more: Partial<JobView> = {}): JobView => ({
  ...jobView.parse({
    id: '01a21200-0000-7000-8000-000000000001',
    type: 'restart',
    state,
    direction: 'forward',
    subject: { kind: 'instance', id: '01a21200-0000-7000-8000-000000000002', name: 'anna' },
    actor: { kind: 'operator', name: 'root' },
    steps: [],
    traces: [],
    canUndo: true,
    createdAtMs: 1,
  }),
  ...more,
});
const died = { code: 'APPLICATION_DIED', parameters: { name: 'anna', exitCode: '1', lastLine: '' } };

/** Each opening of the stream gives the next list of events; one that ends with an error is cut there. */
function coreWith(...streams: readonly (readonly (JobView | Error)[])[]): { readonly core: CoreClient; readonly opened: () => number } {
  let opened = 0;
  const watch = async () => {
    const events = streams[opened] ?? [];
    opened += 1;
    return (async function* () {
      for (const event of events) {
        if (event instanceof Error) throw event;
        yield event;
      }
    })();
  };
  return { core: { jobs: { watch }, instances: { restart: async () => job('running') } } as unknown as CoreClient, opened: () => opened };
}
const cut = new Error('socket closed');

test('an act is over when its job has ended, not when it has begun', async () => {
  const { core } = coreWith([job('running'), job('done')]);
  expect(await actOnInstance(core, 'restart', '01a21200-0000-7000-8000-000000000002' as never, 'key')).toMatchObject({
    job: { state: 'done' },
    failure: undefined,
  });
});

test.each(['failed', 'stopped'] as const)('a job that is %s says why', async (state) => {
  const { core } = coreWith([job('running'), job(state, { failure: died })]);
  expect(await endOfJob(core, job('running'))).toMatchObject({ job: { state }, failure: died });
});

test('one that a person holds is nobody’s failure', async () => {
  const { core } = coreWith([job('paused')]);
  expect(await endOfJob(core, job('running'))).toMatchObject({ job: { state: 'paused' }, failure: undefined });
});

test('a cut stream is opened again, and what had ended before is not asked for', async () => {
  const { core, opened } = coreWith([job('running'), cut], [job('done')]);
  expect((await endOfJob(core, job('running'))).job.state).toBe('done');
  expect(opened()).toBe(2);
  expect((await endOfJob(core, job('done'))).job.state).toBe('done');
  expect(opened()).toBe(2);
});
