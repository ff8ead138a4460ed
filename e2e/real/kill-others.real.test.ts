import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { act, type Job, newestJob, servers, settled } from '../fixtures/farm-calls.ts';
import { killPoints } from '../fixtures/kill-points.ts';
import { killScenes, mainDomain, type OtherType, type Scene } from '../fixtures/kill-scenes.ts';
import { createPowerDns, ownLoopback, type PowerDns } from '../fixtures/power-dns.ts';
import { CallError, type Program, root, until } from '../fixtures/program.ts';
import type { RealAgent } from '../fixtures/real-agent.ts';
import { differences, sweep } from '../fixtures/sweep.ts';
import { freePorts, localAgent, openFolder, startTestFarm, stopAgent, type TestFarm } from '../fixtures/test-farm.ts';

/**
 * Every type of job but making and removing an instance (`kill-table.real.test.ts`): a real core, or the real agent that the job speaks to, is killed
 * with SIGKILL at its steps; then a person chooses, or the job goes on by itself as its row says. The world is compared before and after.
 */
type Case = {
  readonly type: OtherType;
  readonly step: string;
  readonly moment: 'before' | 'after';
  readonly victim: 'core' | 'agent';
  readonly choice: 'continue' | 'undo';
};

/** `FARM_KILLS=all`: every step, moment, victim and choice. Otherwise every step once with each victim that it has, the choice by turns. */
const isWhole = process.env.FARM_KILLS === 'all';
/** Steps in which no agent is spoken to: its death there is its death somewhere else. */
const withoutAgent = /^(save|row|records|record|rely|zone|authority|issue|reach|wildcard|check|old|proof)$/;
/** The same parts under another name. */
const twins: readonly OtherType[] = ['stop', 'start'];
const types = (Object.keys(jobCatalogue) as (keyof typeof jobCatalogue)[]).filter(
  (type): type is OtherType => type !== 'create' && type !== 'remove' && (isWhole || !(twins as readonly string[]).includes(type)),
);

function casesOf(type: OtherType): Case[] {
  const { steps, onFailure, resume } = jobCatalogue[type];
  const hasChoice = onFailure !== 'end' && resume === 'ask';
  return steps.flatMap((step, at) =>
    (isWhole ? (['before', 'after'] as const) : (['after'] as const)).flatMap((moment) =>
      (['core', 'agent'] as const).flatMap((victim) => {
        if (!isWhole && victim === 'agent' && withoutAgent.test(step)) return [];
        const choices = isWhole ? (['continue', 'undo'] as const) : at % 2 === 0 ? (['undo'] as const) : (['continue'] as const);
        return (hasChoice ? choices : (['continue'] as const)).map((choice): Case => ({ type, step, moment, victim, choice }));
      }),
    ),
  );
}

let farm: TestFarm;
let stranger: RealAgent;
let powerDns: PowerDns;
let sceneOf: (type: OtherType) => Scene;
let baseline: readonly string[] = [];
const folder = openFolder('farm-kill-others-');
const points = killPoints(join(folder, 'point'));
const outcomes: string[] = [];

/** An agent without a farm keeps its edge from its start on, and ends it when it leaves one: a restart in between makes that difference, and no other. */
function isOfStrangersEdge(line: string): boolean {
  const { httpsPort, httpPort } = stranger.about();
  return [`port ${httpsPort}`, `port ${httpPort}`, 'process edge'].includes(line) || /agents\/fir\/(edge|uploads)/.test(line);
}

/** What is there, without names that are drawn anew each time something is made. */
const world = (): readonly string[] =>
  [...sweep(farm.folder), ...sweep(farm.home).filter((line) => /^(row|record) /.test(line))]
    .filter((line) => !/\.said$|pairing/.test(line) && !isOfStrangersEdge(line))
    .map((line) => line.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24,}|[A-Za-z0-9_-]{20,}/g, '#'))
    .toSorted();

async function expectWorld(expected: readonly string[]): Promise<void> {
  await expect.poll(() => differences(expected, world()), { timeout: 30_000 }).toEqual([]);
}

async function allReady(program: Program): Promise<void> {
  let conditions: readonly string[] = [];
  const look = async (): Promise<true | undefined> => {
    conditions = (await servers(program)).map(({ name, condition }) => `${name} ${condition.code}`);
    return conditions.every((one) => /(ready|leaving|joining)$/.test(one)) ? true : undefined;
  };
  await until('every server that stays is ready', look, 60_000).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${conditions.join(', ')}\n${stranger.log()}`);
  });
}

async function ensureRunning(): Promise<Program> {
  const program = farm.program().hasEnded() ? await farm.restart() : farm.program();
  await allReady(program);
  return program;
}

beforeAll(async () => {
  powerDns = await createPowerDns(folder, ownLoopback(), []);
  await powerDns.start('a-key');
  await powerDns.createZone('away.test');
  farm = await startTestFarm({ domain: mainDomain, servers: [{ name: 'oak' }], environment: points.environment });
  stranger = localAgent(farm.folder, { name: 'fir', ports: await freePorts(3) });
  await stranger.start();
  await farm.cli.create('anna', 'static-site');
  sceneOf = killScenes({ farm, stranger, powerDns });
  // Once there and back, so that what a first time brings for good belongs to the baseline.
  for (const type of ['add-domain', 'join-server', 'address-server'] as const) {
    const { begin, clear } = sceneOf(type);
    const job = await settled(farm.program(), (await begin()).id);
    expect([type, job.state, job.failure]).toEqual([type, 'done', undefined]);
    await clear();
  }
  baseline = world();
});

afterAll(async () => {
  await farm?.end();
  await powerDns?.stop();
  mkdirSync(join(root, 'reports'), { recursive: true });
  const path = join(root, 'reports', 'kill-others.md');
  const head = '| job | step | victim | killed | choice | outcome |\n| --- | --- | --- | --- | --- | --- |';
  writeFileSync(path, `${[head, ...outcomes].join('\n')}\n`);
  process.stdout.write(`${readFileSync(path, 'utf8')}\n`);
});

afterEach(async ({ task }) => {
  points.release();
  if (task.result?.state !== 'fail') return;
  // The next case begins from nothing all the same.
  const program = await ensureRunning();
  const job = await newestJob(program);
  if (job.state === 'stopped') await settled(program, (await act(program, job.id, job.canUndo ? 'undo' : 'continue')).id, 90_000);
  const type = types.find((one) => one === task.suite?.name);
  if (type !== undefined) await sceneOf(type).clear();
});

/** Which agent a job of this type speaks to. */
const agentOf = (type: OtherType): RealAgent => (type === 'join-server' || type === 'remove-server' ? stranger : farm.agent('oak'));

/** Brings the job to the point, kills there, and answers with the job at rest. */
async function cut({ type, step, moment, victim }: Case): Promise<Job> {
  const point = `${type}.${step}.${moment}`;
  if (victim === 'core') points.kill(point);
  else points.hold(point);
  // The answer to the request may be lost with the core; a refusal is one.
  const asked = sceneOf(type)
    .begin()
    .catch((error: unknown) => {
      if (error instanceof CallError) throw error;
      return undefined;
    });
  if (victim === 'core') {
    const [ended] = await Promise.all([farm.program().ended, asked]);
    expect(ended.signal).toBe('SIGKILL');
    await farm.restart();
    await allReady(farm.program());
    return settled(farm.program(), (await newestJob(farm.program())).id, 90_000);
  }
  await Promise.race([points.untilHeld(), asked.then(() => points.untilHeld())]);
  const agent = agentOf(type);
  await stopAgent(agent, 'SIGKILL');
  // What ends or takes itself back by its failure waits some seconds for a link: less than a busy machine needs to start an agent.
  if (jobCatalogue[type].onFailure === 'wait') points.release();
  await agent.start();
  points.release();
  const job = await asked;
  if (job === undefined) throw new Error('the core did not answer');
  return settled(farm.program(), job.id, 150_000);
}

describe.each(types)('%s', (type) => {
  it.each(casesOf(type))('$victim killed $moment $step, then $choice: the world is as it says', async (one) => {
    const scene = sceneOf(type);
    await ensureRunning();
    await scene.prepare();
    const prepared = world();
    let job = await cut(one);
    expect(job.type).toBe(type);
    let how = 'went on by itself';
    if (job.state === 'stopped') {
      await ensureRunning().catch(() => undefined);
      how = one.choice === 'undo' && !job.canUndo ? 'continued (past return)' : one.choice === 'undo' ? 'undone' : 'continued';
      job = await settled(farm.program(), (await act(farm.program(), job.id, how === 'undone' ? 'undo' : 'continue')).id, 90_000);
    }
    // A job that takes itself back says why: nobody answered.
    const isOwnUndo = job.state === 'undone' && how === 'went on by itself';
    if (isOwnUndo) expect([undefined, 'SERVER_UNREACHABLE']).toContain(job.failure?.code);
    else expect([job.failure?.code, job.state]).toEqual([undefined, how === 'undone' ? 'undone' : 'done']);
    if (job.state === 'done') await scene.isDone();
    else await expectWorld(prepared);
    await scene.clear();
    await expectWorld(baseline);
    outcomes.push(`| ${type} | ${one.step} | ${one.victim} | ${one.moment} | ${one.choice} | ${how}: ${job.state}; sweep equal |`);
  });
});
