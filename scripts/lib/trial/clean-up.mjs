import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../words.mjs';
import { askToQuit, startProgram } from './desktop-life.mjs';
import { agentProcesses, farm, isRunning, processesOf, readLink } from './farm-outside.mjs';
import { waitFor } from './wait.mjs';

const endMs = 15_000;
const startMs = 30_000;

/** @param {import('./desktop-life.mjs').Program} program @param {() => void} ask */
async function end(program, ask) {
  if (program.ending() !== undefined) return;
  ask();
  if ((await program.waitForEnd(endMs)) !== undefined) return;
  program.kill();
  await program.waitForEnd(endMs);
}

/**
 * A demo farm whose desktop did not get so far as to remove it: the web console opens its home and removes it.
 * @param {{ node: string, home: string, openedFile: string }} given
 */
async function removeDemo({ node, home, openedFile }) {
  const parameters = [join('src-main', 'shells', 'http', 'main.ts'), '--home', home, '--no-open', '--port', '0'];
  const console_ = startProgram({ command: node, parameters, environment: process.env, openedFile });
  const isThere = () => (readLink(home) !== undefined || console_.ending() !== undefined ? true : undefined);
  await waitFor({ limitMs: startMs }, isThere);
  // A farm that was only just opened may still be busy with its agents.
  for (let tries = 1; tries <= 3; tries += 1) {
    const { code } = await farm(node, home, ['demo', 'remove', '--yes']);
    if (code === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  console_.end();
  if ((await console_.waitForEnd(endMs)) === undefined) console_.kill();
}

/**
 * Ends what was started and removes what it left, whatever went wrong before; bounded in time. The last step of a trial.
 * @param {{ node: string, folder: string, home: string, results: string, openedFile: string, programs: readonly import('./desktop-life.mjs').Program[], agents: readonly number[],
 *   beforeRemoval: () => void, record: import('./record.mjs').TrialRecord }} given
 */
export async function cleanUp({ node, folder, home, results, openedFile, programs, agents, beforeRemoval, record }) {
  const startedMs = performance.now();
  for (const program of programs) await end(program, () => askToQuit(results));
  const known = [...new Set([...agents, ...agentProcesses(home)])];
  if (known.some(isRunning)) await removeDemo({ node, home, openedFile });
  beforeRemoval();
  // A process that was asked to end may take a moment to be gone.
  const gone = () => (known.some(isRunning) || processesOf(folder).length > 0 ? undefined : true);
  await waitFor({ limitMs: 5000 }, gone);
  const left = [...new Set([...known.filter(isRunning), ...processesOf(folder)])].map(String);
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  } catch (error) {
    left.push(error instanceof Error ? error.message : String(error));
  }
  const detail = left.length === 0 ? '' : say('problem.left', { what: left.join(', ') });
  record.add('end', 'step.nothingLeft', left.length === 0 ? 'passed' : 'failed', { ms: Math.round(performance.now() - startedMs), detail });
}
