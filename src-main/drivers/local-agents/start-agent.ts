import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { errorTable, FarmError, isErrorCode } from '#contract/errors.ts';
import type { LocalAgent } from '../../ports/local-agents.ts';
import { fileError } from '../shared/files.ts';
import type { AgentProgram } from './agent-program.ts';
import { marksOf, readAddress } from './agent-home.ts';
import { instancesFolder } from './passable-place.ts';
import { markerName, type ProcessTable } from './process-table.ts';

export type StartOptions = AgentProgram & {
  readonly processes: ProcessTable;
  readonly wait: (delayMs: number) => Promise<void>;
  /** See `passable-place.ts`. */
  readonly place: string;
  /** Added to the little that an agent gets of our own environment. */
  readonly environment: Readonly<Record<string, string>>;
};

/** Measured in 2026: 67 MB idle and 75 MB after a load, instead of 70 and 96. */
const memoryFlags = ['--max-semi-space-size=1', '--max-old-space-size=64', '--optimize-for-size'];
const lookMs = 25;
const mostStartMs = 20_000;

function argumentsOf(agent: LocalAgent, instances: string | undefined): string[] {
  const { memoryBytes, cpuMillicores, diskBytes } = agent.simulated;
  return [
    'run',
    ...['--home', agent.home],
    ...['--listen', `127.0.0.1:${agent.linkPort}`],
    ...['--https', `127.0.0.1:${agent.httpsPort}`],
    ...['--http', `127.0.0.1:${agent.httpPort}`],
    ...['--simulate', `memoryBytes=${memoryBytes},cpuMillicores=${cpuMillicores},diskBytes=${diskBytes}`],
    // A trial leaves the rules of a person's computer alone.
    ...['--port-rules', 'off', '--edge-workers', '1'],
    ...(instances === undefined ? [] : ['--instances', instances]),
  ];
}

/** What of ours an agent may know: where programs and temporary files are, and the time zone. No secret ever stands there. */
function ownEnvironment(): Record<string, string> {
  const names = ['PATH', 'Path', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'FARM_FAIL_POINT'];
  const own = Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return own.PATH === undefined ? own : { ...own, PATH: withoutMount(own.PATH, process.env.APPDIR) };
}

/**
 * An AppImage puts its mount first in PATH (https://docs.appimage.org/packaging-guide/environment-variables.html). The agent outlives the mount, and whoever
 * made a folder of that name later would have their programs run by it.
 */
function withoutMount(path: string, mount: string | undefined): string {
  if (!mount) return path;
  const entries = path.split(delimiter).filter((entry) => entry !== mount && !entry.startsWith(`${mount}/`));
  return entries.join(delimiter);
}

/** The agent's own coded failure, from the JSON line that it left. */
function failureOf(text: string, agent: LocalAgent): Error {
  for (const line of text.trim().split('\n').toReversed()) {
    if (!line.startsWith('{')) continue;
    try {
      const { code, parameters }: { code?: unknown; parameters?: unknown } = JSON.parse(line);
      if (code === 'DISK_FULL') return new FarmError('STORE_FULL', { path: agent.home });
      if (typeof code !== 'string' || !isErrorCode(code)) continue;
      const data = errorTable[code].data.safeParse(parameters);
      if (data.success) return new FarmError(code, data.data);
    } catch {
      // Not the line that was meant.
    }
  }
  return new Error(`the agent ${agent.name} ended at its start: ${text.trim().slice(-500)}`);
}

/** Is there an agent of this home, listening? */
export async function isListening(agent: LocalAgent, processes: ProcessTable): Promise<boolean> {
  const address = await readAddress(agent.home);
  return address !== undefined && processes.isAlive(address);
}

/**
 * Starts the agent in a session of its own, so that it outlives us and its terminal, and waits until it listens. Throws its own coded failure,
 * `STORE_FULL`, `NOT_PERMITTED_BY_OS`, `SERVER_UNREACHABLE` when it does not come to listen in time.
 */
export async function startAgent(agent: LocalAgent, options: StartOptions): Promise<void> {
  const { processes, wait } = options;
  // Where every instance has a user of its own, those must be able to pass.
  await mkdir(dirname(agent.home), { recursive: true, mode: 0o711 }).catch((error: unknown) => {
    throw fileError(error, agent.home);
  });
  await mkdir(agent.home, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fileError(error, agent.home);
  });
  // A file and no pipe: a pipe would break under the agent when we end.
  const errorPath = join(agent.home, 'start-error.txt');
  const errorFile = openSync(errorPath, 'w', 0o600);
  let ended: { readonly code: number | null } | undefined;
  let spawnError: Error | undefined;
  try {
    const child = spawn(
      options.runtime,
      [...memoryFlags, options.agentBundlePath, ...argumentsOf(agent, await instancesFolder(options.place, agent.home))],
      {
        cwd: agent.home,
        env: { ...ownEnvironment(), ...options.environment, [markerName]: marksOf(agent.home).agent },
        detached: true,
        stdio: ['ignore', 'ignore', errorFile],
        windowsHide: true,
      },
    );
    child.once('error', (error) => {
      spawnError = new FarmError('NOT_PERMITTED_BY_OS', { what: options.runtime }, { cause: error });
    });
    child.once('exit', (code) => {
      ended = { code };
    });
    child.unref();
    for (let waitedMs = 0; ; waitedMs += lookMs) {
      if (await isListening(agent, processes)) return;
      if (spawnError !== undefined) throw spawnError;
      // Exit code 0: another agent of this home was quicker, and will listen in a moment.
      if (ended !== undefined && ended.code !== 0) throw failureOf(await readFile(errorPath, 'utf8').catch(() => ''), agent);
      if (waitedMs > mostStartMs) {
        child.kill('SIGKILL');
        throw new FarmError('SERVER_UNREACHABLE', { server: agent.name, address: `127.0.0.1:${agent.linkPort}`, cause: 'timeout' });
      }
      await wait(lookMs);
    }
  } finally {
    closeSync(errorFile);
    await rm(errorPath, { force: true });
  }
}
