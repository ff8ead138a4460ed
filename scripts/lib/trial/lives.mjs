import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../words.mjs';
import { askToQuit, endingText, followLines, startProgram } from './desktop-life.mjs';
import { agentProcesses, farm, isRunning, readLink, visit } from './farm-outside.mjs';
import { listed } from './texts.mjs';
import { waitFor } from './wait.mjs';

/**
 * @typedef {object} Ground what a trial stands on
 * @property {string} node the Node of the checkout
 * @property {string} home
 * @property {string} results the file that the trial inside the program writes
 * @property {string} openedFile
 * @property {(more: readonly string[]) => { command: string, parameters: readonly string[], environment: NodeJS.ProcessEnv }} desktop
 * @property {'en' | 'ru'} language
 * @property {import('./record.mjs').TrialRecord} record
 * @property {Record<string, string>} facts
 * @property {Set<string>} secrets tokens that must not leave this computer
 * @property {{ name: string, file: string }[]} pictures
 * @property {(program: import('./desktop-life.mjs').Program) => void} onStart
 * @property {AbortSignal} signal
 * @property {number[]} agents processes of agents that were seen
 * @property {() => Promise<void>} askPerson
 * @typedef {import('./record.mjs').Life} Life
 */

const windowMs = 5000;
const openingMs = 40_000;
const secondProgramMs = 5000;
const endMs = 15_000;
/** Longer than any step inside may take. */
const silenceMs = 200_000;
const inSeconds = (/** @type {number} */ ms) => ms / 1000;

/** @param {Ground} ground */
function noteToken({ home, secrets }) {
  const token = readLink(home)?.token;
  if (typeof token === 'string') secrets.add(token);
}

/** Times what is done, and takes what it throws for a failure. @param {Ground} ground @param {Life} life @param {string} name @param {() => Promise<{ isGood: boolean, detail?: string }>} act */
async function step({ record }, life, name, act) {
  const startedMs = performance.now();
  const done = await act().catch((error) => ({ isGood: false, detail: String(error) }));
  record.add(life, `step.${name}`, done.isGood ? 'passed' : 'failed', {
    ms: Math.round(performance.now() - startedMs),
    detail: done.detail ?? '',
  });
  return done.isGood;
}

/** @param {Ground} ground @param {Life} life @param {'en' | 'ru'} language */
async function open(ground, life, language) {
  const { record, openedFile, results, signal } = ground;
  const program = startProgram({ ...ground.desktop([`--language=${language}`, `--try-desktop=${results}`]), openedFile });
  ground.onStart(program);
  const state = await waitFor({ limitMs: openingMs, signal }, () => program.opened() ?? program.ending());
  const ms = program.ms();
  if (state === 'shown') {
    record.add(life, 'step.opened', ms <= windowMs ? 'passed' : 'failed', { ms });
    return { program, isOpen: true };
  }
  const ending = program.ending();
  const detail = ending === undefined ? (state ?? say('problem.limit', { seconds: inSeconds(openingMs) })) : program.lastWords(ending);
  record.add(life, 'step.opened', 'failed', { ms, detail: String(detail) });
  return { program, isOpen: false };
}

/** The start that comes second says so to the first, and ends. @param {Ground} ground */
async function secondProgram(ground) {
  const { signal, openedFile } = ground;
  await step(ground, 'first', 'secondProgram', async () => {
    const second = startProgram({ ...ground.desktop([]), openedFile: `${openedFile}.second` });
    ground.onStart(second);
    const ending = await second.waitForEnd(secondProgramMs, signal);
    if (ending === undefined) {
      second.kill();
      return { isGood: false, detail: say('problem.limit', { seconds: inSeconds(secondProgramMs) }) };
    }
    const state = second.opened() ?? '–';
    return { isGood: ending.code === 0 && state === 'elsewhere', detail: `${endingText(ending)} · ${state}` };
  });
}

/** @param {Ground} ground @param {Life} life @param {{ step: string, result: import('./record.mjs').Result, ms: number, detail?: Record<string, string | number | boolean>, picture?: string }} line */
function take({ record, pictures }, life, { step: name, result, ms, detail = {}, picture }) {
  record.add(life, `step.${name}`, result, { ms, detail: listed(detail) });
  if (picture !== undefined) pictures.push({ name: `step.${name}`, file: picture });
  return detail;
}

/**
 * Takes down what the trial inside the program tells, until it has told everything. What it owes when the program dies or falls silent has failed;
 * what would have come after that was not reached.
 * @param {Ground} ground @param {Life} life @param {() => ReadonlyArray<any>} lines @param {import('./desktop-life.mjs').Program} program
 * @returns {Promise<{ isDone: boolean, url: string | undefined }>}
 */
async function follow(ground, life, lines, program) {
  const { record, facts, signal } = ground;
  /** @type {string[]} */
  let owed = [];
  /** @type {string | undefined} */
  let url;
  let heardMs = performance.now();
  while (!signal.aborted) {
    // Looked at before the lines are: the last of them are read once more after the end.
    const ending = program.ending();
    noteToken(ground);
    for (const line of lines()) {
      heardMs = performance.now();
      if (line.kind === 'begun') {
        owed = line.steps;
        Object.assign(facts, line.facts);
      }
      if (line.kind === 'step') {
        owed = owed.filter((name) => name !== line.step);
        const detail = take(ground, life, line);
        if (typeof detail.url === 'string') url = detail.url;
      }
      if (line.kind === 'asks') await secondProgram(ground);
      if (line.kind === 'done') {
        Object.assign(facts, line.facts);
        return { isDone: true, url };
      }
    }
    const isSilent = performance.now() - heardMs > silenceMs;
    if (ending !== undefined || isSilent) {
      const detail = ending === undefined ? say('problem.silent', { seconds: inSeconds(silenceMs) }) : program.lastWords(ending);
      const [running, ...rest] = owed.length > 0 ? owed : ['window'];
      record.add(life, `step.${running}`, 'failed', { detail });
      for (const name of rest) record.add(life, `step.${name}`, 'unreached');
      return { isDone: false, url };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const name of owed) record.add(life, `step.${name}`, 'unreached', { detail: say('problem.interrupted') });
  return { isDone: false, url };
}

/** @param {Ground} ground @param {Life} life @param {string} name @param {import('./desktop-life.mjs').Program} program */
const quit = (ground, life, name, program) =>
  step(ground, life, name, async () => {
    const ending = program.ending();
    if (ending !== undefined) return { isGood: false, detail: program.lastWords(ending) };
    askToQuit(ground.results);
    const ended = await program.waitForEnd(endMs, ground.signal);
    if (ended === undefined) return { isGood: false, detail: say('problem.limit', { seconds: inSeconds(endMs) }) };
    if (existsSync(join(ground.home, 'link.json'))) return { isGood: false, detail: say('problem.linkFile') };
    return { isGood: ended.code === 0, detail: endingText(ended) };
  });

/** @param {Ground} ground @param {Life} life @param {string} name @param {string | undefined} url @param {string} authority */
const visited = (ground, life, name, url, authority) =>
  step(ground, life, name, async () => {
    if (url === undefined || authority === '') return { isGood: false, detail: say('problem.noAddress') };
    const status = await visit(url, authority);
    return { isGood: status === 200, detail: `${url} · ${status}` };
  });

/** @param {Ground} ground @param {readonly string[]} names */
function unreached({ record }, names) {
  for (const name of names) record.add('closed', `step.${name}`, 'unreached');
}

/**
 * The program from its first start to its end, and the farm that lives on without it.
 * @param {Ground} ground
 * @returns {Promise<boolean>} whether the program can be started again
 */
async function firstLife(ground) {
  const { node, home, agents } = ground;
  const { program, isOpen } = await open(ground, 'first', ground.language);
  if (!isOpen) return false;
  const { isDone, url } = await follow(ground, 'first', followLines(ground.results), program);
  agents.push(...agentProcesses(home));
  if (!isDone) return false;
  let authority = '';
  await step(ground, 'first', 'authority', async () => {
    const { code, output } = await farm(node, home, ['certificates', 'site-authority']);
    if (code !== 0) return { isGood: false, detail: `${code}: ${output.trim().slice(0, 300)}` };
    authority = JSON.parse(output).text;
    return { isGood: authority.includes('BEGIN CERTIFICATE') };
  });
  await visited(ground, 'first', 'visit', url, authority);
  await ground.askPerson();
  if (ground.signal.aborted) return false;
  await quit(ground, 'closed', 'quit', program);
  if (program.ending() === undefined) {
    unreached(ground, ['agentsLive', 'visitClosed']);
    return false;
  }
  await step(ground, 'closed', 'agentsLive', async () => {
    const alive = agents.filter(isRunning);
    if (agents.length === 0) return { isGood: false, detail: say('problem.noAgents') };
    return { isGood: alive.length === agents.length, detail: `${alive.length}/${agents.length}` };
  });
  await visited(ground, 'closed', 'visitClosed', url, authority);
  return !ground.signal.aborted;
}

/** The program over the home that the first life left, in the other language. @param {Ground} ground @param {() => ReadonlyArray<any>} lines */
async function secondLife(ground, lines) {
  const { node, home } = ground;
  const { program, isOpen } = await open(ground, 'second', ground.language === 'en' ? 'ru' : 'en');
  if (!isOpen) return;
  await follow(ground, 'second', lines, program);
  ground.agents.push(...agentProcesses(home));
  if (program.ending() !== undefined || ground.signal.aborted) return;
  await step(ground, 'second', 'demoRemoved', async () => {
    const { code, output } = await farm(node, home, ['demo', 'remove', '--yes']);
    if (code !== 0) return { isGood: false, detail: `${code}: ${output.trim().slice(0, 300)}` };
    const { left } = JSON.parse(output);
    return { isGood: left.length === 0, detail: left.join(', ') };
  });
  await quit(ground, 'second', 'ended', program);
}

/**
 * Runs the program twice over one home and tries it from within and from outside.
 * @param {Ground} ground
 */
export async function liveTwice(ground) {
  if (!(await firstLife(ground))) return;
  const lines = followLines(ground.results);
  lines();
  await secondLife(ground, lines);
}
