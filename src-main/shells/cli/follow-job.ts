import { setTimeout as delay } from 'node:timers/promises';
import { isSettledState, type JobView } from '#contract/api/jobs.ts';
import type { Answer, Call, OptionSpec } from './command.ts';
import { exitCodes, isCut } from './failures.ts';
import { jobCommand, jobLines, jobTitle, noteLines, stepLine, stoppedJson, stoppedLines } from './job-text.ts';

const frameMs = 200;
const mostCuts = 5;

/** Shows a job as it goes: on a terminal as a list that changes in place, elsewhere one line for every step that ended. */
function createProgress(call: Pick<Call, 'screen' | 't'>): { readonly show: (job: JobView) => void; readonly end: () => void } {
  const { screen, t } = call;
  let last: JobView | undefined;
  const said = new Set<string>();
  const draw = (): void => {
    if (last !== undefined) screen.live(jobLines(t, last, Date.now()));
  };
  const timer = screen.isLive ? setInterval(draw, frameMs) : undefined;
  return {
    show: (job) => {
      if (!screen.isLive) {
        if (last === undefined) screen.line(jobTitle(t, job));
        for (const step of job.steps) {
          const key = `${step.name}/${step.state}/${step.attempts}`;
          if (said.has(key) || !['done', 'failed', 'undone'].includes(step.state)) continue;
          said.add(key);
          for (const line of [stepLine(t, job, step, Date.now()), ...noteLines(t, step)]) screen.line(line);
        }
      }
      last = job;
      draw();
    },
    end: () => {
      clearInterval(timer);
      draw();
      screen.settle(true);
    },
  };
}

/** Follows a job until nobody works on it. A stream that is cut is taken up again; the job itself goes on in the program. */
export async function followJob(call: Pick<Call, 'client' | 'screen' | 't' | 'signal'>, begun: JobView): Promise<JobView> {
  const progress = createProgress(call);
  let job = begun;
  try {
    progress.show(job);
    for (let cuts = 0; !isSettledState(job.state); cuts += 1) {
      try {
        for await (const next of await call.client.jobs.watch({ jobId: job.id }, { signal: call.signal })) {
          job = next;
          progress.show(job);
          if (isSettledState(job.state)) break;
        }
      } catch (error) {
        if (call.signal.aborted || !isCut(error) || cuts >= mostCuts) throw error;
        await delay(200 * 2 ** cuts, undefined, { signal: call.signal });
      }
    }
    return job;
  } finally {
    progress.end();
  }
}

/** What a followed job answers when there is no more to it than its end. */
export function settledAnswer(call: Pick<Call, 't'>, job: JobView, wanted: 'done' | 'undone'): Answer {
  if (job.state === wanted) return { json: { job }, lines: [] };
  return { json: stoppedJson(call.t, job), lines: stoppedLines(call.t, job), exitCode: exitCodes.failed };
}

/** The option of every command that begins a job. */
export const noWait: OptionSpec = { type: 'boolean', summary: 'cli.option.noWait' };

/** An act that is a job: followed to its end, unless `--no-wait` was typed; `done` is what there is to say where it ends well. */
export async function answerWithJob(
  call: Pick<Call, 'client' | 'screen' | 't' | 'signal' | 'typed'>,
  begun: JobView,
  done: (job: JobView) => Promise<Answer>,
): Promise<Answer> {
  if (call.typed.has('no-wait'))
    return { json: { job: begun }, lines: [call.t('cli.job.follow', { command: jobCommand('watch', begun) })] };
  const job = await followJob(call, begun);
  if (job.state !== 'done') return { json: stoppedJson(call.t, job), lines: stoppedLines(call.t, job), exitCode: exitCodes.failed };
  return done(job);
}
