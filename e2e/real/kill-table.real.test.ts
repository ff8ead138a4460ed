import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import {
  act,
  createInstance,
  findInstance,
  instances,
  type Job,
  newestJob,
  removeInstance,
  servers,
  settled,
  siteAuthority,
  visit,
} from '../fixtures/farm-calls.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { killPoints } from '../fixtures/kill-points.ts';
import { demoReady, type Program, root, startProgram, until } from '../fixtures/program.ts';
import { differences, processesOf, type Sweep, sweep } from '../fixtures/sweep.ts';

/**
 * Step × victim × moment × choice: a real core or a real agent is killed with SIGKILL right before or right after every step of making and removing an instance;
 * then a person continues or undoes. Whatever they choose, nothing may be left over and nothing may be missing.
 */
type Type = 'create' | 'remove';
const types: readonly Type[] = ['create', 'remove'];
type Case = { type: Type; step: string; moment: 'before' | 'after'; victim: 'core' | 'agents'; choice: 'continue' | 'undo' };

/**
 * `FARM_KILLS=all`: the whole table. Otherwise what differs: an agent finds right after a step what it finds right before the next, and a job that is
 * undone right before a step is one that was undone right after the last. `jobs/kill-table.test.ts` imitates all of it.
 */
const isWhole = process.env.FARM_KILLS === 'all';
const momentsOf: Record<Case['victim'], readonly Case['moment'][]> = {
  core: ['before', 'after'],
  agents: isWhole ? ['before', 'after'] : ['after'],
};

const choicesAt = (moment: Case['moment']): readonly Case['choice'][] =>
  isWhole || moment === 'after' ? ['continue', 'undo'] : ['continue'];

const cases: Case[] = types.flatMap((type) =>
  jobCatalogue[type].steps.flatMap((step) =>
    (['core', 'agents'] as const).flatMap((victim) =>
      momentsOf[victim].flatMap((moment) => choicesAt(moment).map((choice) => ({ type, step, moment, victim, choice }))),
    ),
  ),
);
/** From here on data is being taken away; the next step is saved as begun together with the end of the one before, so the job itself says how far it came. */
const pastReturn = jobCatalogue.remove.steps.slice(jobCatalogue.remove.steps.indexOf('folder')) as readonly string[];
const isPastReturn = ({ type, steps }: Job): boolean =>
  type === 'remove' && steps.some(({ name, attempts }) => attempts > 0 && pastReturn.includes(name));

const home = mkdtempSync(join(tmpdir(), 'farm-kill-'));
const points = killPoints(`${home}.point`);
const outcomes: string[] = [];
let authority = '';
let baseline: Sweep = [];
let running: Program | undefined;

/** The program that runs, or a new one: whoever was not killed serves the next case too. */
async function start(): Promise<Program> {
  if (running !== undefined && !running.hasEnded()) return running;
  running = await startProgram({ home, isDemo: !existsSync(join(home, 'farm.sqlite')), environment: points.environment });
  await demoReady(running);
  return running;
}

/** What stands now against what stood before, asked until they agree: ends of processes are seen a moment later. */
async function expectSweep(expected: Sweep): Promise<void> {
  let left: string[] = ['not looked yet'];
  await until(
    'the sweep equals the snapshot',
    () => {
      left = differences(expected, sweep(home));
      return left.length === 0 ? true : undefined;
    },
    30_000,
  ).catch(() => undefined);
  expect(left).toEqual([]);
}

/** What a person sees before they choose: every server is there again. */
function allReady(program: Program): Promise<true> {
  return until(
    'every server is ready',
    async () => ((await servers(program)).every(({ condition }) => condition.code === 'ready') ? true : undefined),
    60_000,
  );
}

function killAgents(): void {
  for (const { processId, command } of processesOf(home)) if (/agent\.cjs/.test(command)) process.kill(processId, 'SIGKILL');
}

async function begin(program: Program, type: Type): Promise<Job> {
  if (type === 'create') return createInstance(program, 'anna');
  return removeInstance(program, (await findInstance(program, 'anna')).id);
}

/** Brings the job to the point where it was cut, and answers with the program that is there afterwards and the job at rest. */
async function cut({ type, step, moment, victim }: Case): Promise<{ program: Program; job: Job }> {
  const point = `${type}.${step}.${moment}`;
  let program = await start();
  if (type === 'remove') expect((await settled(program, (await createInstance(program, 'anna')).id)).state).toBe('done');
  if (victim === 'core') points.kill(point);
  else points.hold(point);
  // The answer to the request may be lost with the core; the job is not.
  const asked = begin(program, type).catch(() => undefined);
  if (victim === 'core') {
    expect((await program.ended).signal).toBe('SIGKILL');
    await asked;
    program = await start();
    const job = await newestJob(program);
    expect(job).toMatchObject({ type, state: 'stopped' });
    return { program, job };
  }
  await points.untilHeld();
  killAgents();
  points.release();
  const job = await asked;
  if (job === undefined) throw new Error('the core did not answer');
  return { program, job: await settled(program, job.id, 150_000) };
}

async function works(program: Program): Promise<void> {
  const { url } = await findInstance(program, 'anna');
  expect((await visit(url, authority)).status).toBe(200);
}

/** Jobs that waited for the agent's return and ended by themselves: there was nothing to choose, and the same once more would show the same. */
const wentOn = new Set<string>();
const keyOf = ({ type, step, moment, victim }: Case): string => `${type}.${step}.${moment}.${victim}`;
function noChoice({ type, step, victim, moment, choice }: Case): void {
  outcomes.push(`| ${type} | ${step} | ${victim} | ${moment} | ${choice} | as above: the job had ended by itself |`);
}

async function removeAnna(program: Program): Promise<void> {
  const there = await instances(program);
  for (const { id } of there) expect((await settled(program, (await removeInstance(program, id)).id)).state).toBe('done');
}

beforeAll(async () => {
  const program = await start();
  authority = await siteAuthority(program);
  // Once there and back on every server, so that what a first create brings for good (folders, caches) belongs to the snapshot.
  for (const { id } of await servers(program)) {
    expect((await settled(program, (await createInstance(program, 'anna', { serverId: id })).id)).state).toBe('done');
    await removeAnna(program);
  }
  baseline = sweep(home);
});

/** After a case that failed the next one begins from nothing all the same. */
async function tidy(program: Program): Promise<void> {
  await allReady(program);
  const job = await newestJob(program).catch(() => undefined);
  if (job?.state === 'stopped') await settled(program, (await act(program, job.id, 'continue')).id);
  await removeAnna(program);
}

afterEach(async ({ task }) => {
  points.release();
  if (task.result?.state === 'fail') await tidy(await start());
});

afterAll(async () => {
  if (running !== undefined) {
    const program = await start().catch(() => undefined);
    await program?.call('DELETE', '/settings/demo', { requestKey: 'kill-table-end' }).catch(() => undefined);
    await program?.stop();
  }
  await endFolder(home);
  points.release();
  mkdirSync(join(root, 'reports'), { recursive: true });
  const head = '| job | step | victim | killed | choice | outcome |\n| --- | --- | --- | --- | --- | --- |';
  writeFileSync(join(root, 'reports', 'kill-table.md'), `${[head, ...outcomes].join('\n')}\n`);
  process.stdout.write(`${readFileSync(join(root, 'reports', 'kill-table.md'), 'utf8')}\n`);
});

describe.each(cases)('$type, $victim killed $moment $step, then $choice', (one) => {
  it('leaves nothing over and misses nothing', async () => {
    if (one.choice === 'undo' && wentOn.has(keyOf(one))) return noChoice(one);
    const { program, ...stopped } = await cut(one);
    let { job } = stopped;
    await allReady(program);
    let outcome = '';
    // Where the folder's step was begun and could not look first, nothing was taken away yet: undo may still be offered, and then it must succeed.
    if (!isPastReturn(job)) expect(job.canUndo).toBe(true);
    if (job.state === 'done') outcome = 'waited for the agent and went on by itself';
    else if (one.choice === 'undo' && !job.canUndo) {
      await expect(act(program, job.id, 'undo')).rejects.toMatchObject({ status: 409, answer: { code: 'JOB_PAST_RETURN' } });
      job = await settled(program, (await act(program, job.id, 'continue')).id);
      outcome = 'undo refused in words (data was being taken away); continued';
    } else {
      job = await settled(program, (await act(program, job.id, one.choice)).id);
      outcome = one.choice === 'undo' ? 'undone' : 'continued to its end';
    }
    expect(job).toMatchObject({ state: one.choice === 'undo' && outcome === 'undone' ? 'undone' : 'done' });
    const shouldStand = (one.type === 'create') === (job.state === 'done');
    if (shouldStand) {
      await works(program);
      await removeAnna(program);
      outcome += ', the address answered 200, then removed';
    }
    await expectSweep(baseline);
    if (outcome.startsWith('waited')) wentOn.add(keyOf(one));
    outcomes.push(`| ${one.type} | ${one.step} | ${one.victim} | ${one.moment} | ${one.choice} | ${outcome}; sweep equal |`);
  });
});
