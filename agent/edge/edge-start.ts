import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError } from '#contract/errors.ts';
import type { Spawned } from '../os/host-os.ts';
import { bundleToStart } from './edge-bundle.ts';
import type { EdgeControlOptions } from './edge-control.ts';
import { type EdgePaths, failedStart, type RunningEdge, readRunning, readWhole } from './edge-files.ts';

/**
 * Measured on 2026-11-29 (bench/edge.bench.mjs, per second of CPU): without `--optimize-for-size`, which was here before, 45 % more requests over both versions
 * for 6 MB; a larger young generation brings nothing. It stays below 120 MB under load.
 */
export const runtimeFlags = ['--max-semi-space-size=2', '--max-old-space-size=192'];
/** One heap for large buffers instead of one per thread: what a download leaves behind is used again (glibc, mallopt(3)). */
export const runtimeEnvironment = { MALLOC_ARENA_MAX: '1' };
const startMs = 20_000;
/** An edge that was started by an agent which died comes up within this, or it is one that ends. */
const comingUpMs = 10_000;

/**
 * Starts an edge process and waits until it says that it runs, at most 20 s. Throws `APPLICATION_DIED` with what it said, and leaves none behind.
 * May be called again.
 */
export async function startEdgeProcess(options: EdgeControlOptions, paths: EdgePaths): Promise<RunningEdge> {
  const { os, folder, https, http } = options;
  const before = readRunning(paths);
  const bundle = bundleToStart(paths, options.bundlePath);
  rmSync(paths.failed, { force: true });
  const spawned = await os.spawnDetached({
    program: options.runtime,
    args: [
      ...[...runtimeFlags, bundle.path, '--folder', folder, '--version', options.version, '--sha256', bundle.sha256],
      ...['--https', `${https.host}:${https.port}`, '--last-https', String(before?.httpsPort ?? '')],
      ...['--http', `${http.host}:${http.port}`, '--last-http', String(before?.httpPort ?? '')],
      ...['--pipe-slot', before?.pipeSlot === 0 ? '1' : '0'],
    ],
    folder,
    environment: runtimeEnvironment,
    user: undefined,
    outPath: `${paths.log}.out`,
    errorPath: `${paths.log}.out`,
    marker: `edge-${options.agentKey}:edge`,
  });
  try {
    return await untilRunning(options, paths, spawned, before?.token);
  } catch (error) {
    await os.killTree(spawned.identity);
    throw error;
  }
}

/**
 * Waits for an edge that is coming up although nobody waits for it: its agent was killed before it ran, and it would keep the ports from the next. True
 * as soon as one runs; false when none is coming up. Never throws.
 */
export async function untilUp({ os, clock, agentKey }: EdgeControlOptions, paths: EdgePaths): Promise<boolean> {
  const known = readRunning(paths)?.processId;
  const isComing = (): boolean => (os.findMarked(`edge-${agentKey}`).get('edge') ?? []).some(({ processId }) => processId !== known);
  for (const deadline = clock.steadyMs() + comingUpMs; clock.steadyMs() < deadline && isComing(); await delay(50)) {
    const running = readRunning(paths);
    if (running !== undefined && running.processId !== known && os.isAlive(running)) return true;
  }
  return false;
}

async function untilRunning(
  { clock }: EdgeControlOptions,
  paths: EdgePaths,
  spawned: Spawned,
  tokenBefore: string | undefined,
): Promise<RunningEdge> {
  let exitCode: string | undefined;
  spawned.exited.then(
    (end) => {
      exitCode = end.exitCode;
    },
    () => undefined,
  );
  for (const deadline = clock.steadyMs() + startMs; clock.steadyMs() < deadline; ) {
    const running = readRunning(paths);
    if (running !== undefined && running.token !== tokenBefore && running.processId === spawned.identity.processId) return running;
    if (exitCode !== undefined) throw startFailure(paths, exitCode);
    await delay(10);
  }
  throw new FarmError('APPLICATION_DIED', { name: 'edge', exitCode: '', lastLine: '' });
}

function startFailure(paths: EdgePaths, exitCode: string): FarmError {
  const read = readWhole(paths.failed, failedStart);
  return new FarmError('APPLICATION_DIED', { name: 'edge', exitCode, lastLine: read.state === 'good' ? read.value.code : '' });
}
