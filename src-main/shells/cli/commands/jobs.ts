import { isEndedState, jobState as jobStates } from '#contract/api/jobs.ts';
import type { Command } from '../command.ts';
import { columns } from '../columns.ts';
import { toJobId } from '../find-objects.ts';
import { followJob, settledAnswer } from '../follow-job.ts';
import { jobCommand, jobLines, jobState, jobTitle, placementSentences, stoppedLines, leftoverLines } from '../job-text.ts';
import { ago } from '../numbers.ts';
import { numberOf, oneOf } from '../parse.ts';

const area = 'jobs';
const id = [{ name: 'job' }] as const;

const list: Command = {
  kind: 'call',
  area,
  verb: 'list',
  summary: 'cli.jobs.list',
  options: {
    state: { type: 'string', value: jobStates.options.join('|'), summary: 'cli.jobs.list.state' },
    limit: { type: 'string', value: 'N', summary: 'cli.instances.list.limit' },
  },
  run: async ({ client, typed, t }) => {
    const state = oneOf(typed, 'state', jobStates.options);
    const answer = await client.jobs.list({
      ...(state === undefined ? {} : { state }),
      limit: numberOf(typed, 'limit', { least: 1, most: 500 }) ?? 100,
    });
    if (answer.jobs.length === 0) return { json: answer, lines: [t('cli.jobs.none')] };
    const rows = answer.jobs.map((job) => [jobState(t, job), jobTitle(t, job), ago(t, job.createdAtMs, Date.now()), job.id]);
    return { json: answer, lines: columns([t('cli.field.state'), t('cli.field.job'), t('cli.field.begun'), t('cli.field.id')], rows) };
  },
};

const show: Command = {
  kind: 'call',
  area,
  verb: 'show',
  summary: 'cli.jobs.show',
  arguments: id,
  run: async ({ client, typed, t }) => {
    const job = await client.jobs.get({ jobId: toJobId(typed.argument('job')) });
    const placement = placementSentences(t, job.placement);
    const ended = isEndedState(job.state) ? leftoverLines(t, job) : [];
    return { json: { job, placement }, lines: [...jobLines(t, job, Date.now()), ...placement, ...ended, ...stoppedLines(t, job)] };
  },
};

const watch: Command = {
  kind: 'call',
  area,
  verb: 'watch',
  summary: 'cli.jobs.watch',
  arguments: id,
  run: async (call) => {
    const job = await followJob(call, await call.client.jobs.get({ jobId: toJobId(call.typed.argument('job')) }));
    return settledAnswer(call, job, job.state === 'undone' ? 'undone' : 'done');
  },
};

/** Acts after which somebody works on the job again, and which are followed to their end. */
function lead(verb: 'continue' | 'undo'): Command {
  return {
    kind: 'call',
    area,
    verb,
    summary: `cli.jobs.${verb}`,
    arguments: id,
    options: { 'no-wait': { type: 'boolean', summary: 'cli.option.noWait' } },
    run: async (call) => {
      const begun = await call.client.jobs[verb]({ jobId: toJobId(call.typed.argument('job')), requestKey: call.requestKey });
      if (call.typed.has('no-wait'))
        return { json: { job: begun }, lines: [call.t('cli.job.follow', { command: jobCommand('watch', begun) })] };
      const job = await followJob(call, begun);
      return settledAnswer(call, job, job.direction === 'back' ? 'undone' : 'done');
    },
  };
}

function hold(verb: 'pause' | 'cancel'): Command {
  return {
    kind: 'call',
    area,
    verb,
    summary: `cli.jobs.${verb}`,
    arguments: id,
    run: async ({ client, typed, t, requestKey }) => {
      const job = await client.jobs[verb]({ jobId: toJobId(typed.argument('job')), requestKey });
      return { json: { job }, lines: [...jobLines(t, job, Date.now()), ...stoppedLines(t, job)] };
    },
  };
}

export const jobCommands: readonly Command[] = [list, show, watch, lead('continue'), lead('undo'), hold('pause'), hold('cancel')];
