import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LocalAgent } from '../../ports/local-agents.ts';
import { agentKeyOf, marksOf, readAddress, readLocks } from './agent-home.ts';
import { removeInstancesFolder } from './passable-place.ts';
import type { ProcessIdentity, ProcessTable } from './process-table.ts';

const lookMs = 25;
/** Instances and the edge were ended by `leave` where the agent still could. */
const othersGraceMs = 2000;
const killedMs = 5000;

type Needs = {
  readonly processes: ProcessTable;
  readonly place: string;
  readonly wait: (delayMs: number) => Promise<void>;
  readonly agentGraceMs: number;
};

/** True when all are gone within the time. */
async function areGone(identities: readonly ProcessIdentity[], withinMs: number, { processes, wait }: Needs): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    if (!identities.some(processes.isAlive)) return true;
    if (waitedMs >= withinMs) return false;
    await wait(lookMs);
  }
}

async function end(identities: readonly ProcessIdentity[], graceMs: number, needs: Needs): Promise<void> {
  for (const identity of identities) needs.processes.end(identity, 'ask');
  if (await areGone(identities, graceMs, needs)) return;
  for (const identity of identities) needs.processes.end(identity, 'now');
  await areGone(identities, killedMs, needs);
}

/** Pipes that had no room in the home's own path lie in the system's temporary folder under the home's key. */
async function pipesOf(home: string): Promise<string[]> {
  const start = `farmstead-${agentKeyOf(home)}-`;
  const names = await readdir(tmpdir()).catch(() => []);
  return names.filter((name) => name.startsWith(start)).map((name) => join(tmpdir(), name));
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Ends the agent first, so that it starts nothing again, then everything that carries its mark; then removes its home. Repeatable. Answers with what
 * is still there: paths, and `/proc/<pid>` of a process that would not end.
 */
export async function removeAgent(agent: LocalAgent, needs: Needs): Promise<readonly string[]> {
  const { processes } = needs;
  const marks = marksOf(agent.home);
  const named = [await readAddress(agent.home), ...(await readLocks(agent.home))].filter((identity) => identity !== undefined);
  await end([...named, ...processes.findMarked([marks.agent])], needs.agentGraceMs, needs);
  // A program may have been started a moment before the agent ended: looked for until none is found.
  for (let round = 0; round < 5; round += 1) {
    const others = processes.findMarked(marks.all);
    if (others.length === 0) break;
    await end(others, othersGraceMs, needs);
  }
  const paths = [agent.home, ...(await pipesOf(agent.home))];
  for (const path of paths) {
    // What may not be removed is answered below.
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined);
  }
  const elsewhere = await removeInstancesFolder(needs.place, agent.home);
  // The folder of all agents goes with the last one.
  await rmdir(dirname(agent.home)).catch(() => undefined);
  const left = await Promise.all(paths.map(async (path) => ((await isThere(path)) ? [path] : [])));
  return [...left.flat(), ...elsewhere, ...processes.findMarked(marks.all).map(({ processId }) => `/proc/${processId}`)];
}
