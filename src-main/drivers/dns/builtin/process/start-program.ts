import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { dirname, parse } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import { setprivArguments } from '#kit/setpriv.ts';

/** What is started: see `NameServerProgram`. */
type Started = { readonly runtime: string; readonly bundlePath: string; readonly home: string; readonly isPassing: boolean };

/**
 * Measured on 2026-11-29: 46 MB with ten names, 64 MB with ten thousand; a start takes 80 ms of a processor. Without `--optimize-for-size` a flood is answered
 * with 40,600 instead of 35,900 questions per second of CPU (medians of 3, 1,000 names), at 72 MB instead of 68.
 */
const runtimeFlags = ['--max-semi-space-size=2', '--max-old-space-size=192'];
const setprivPlaces = ['/usr/bin/setpriv', '/bin/setpriv'];

/** Numbers that belong to nobody (https://systemd.io/UIDS-GIDS/), below those that agents give to instances; the same for a home at every start. */
const firstUserId = 66_000;
const userCount = 3_000;
export const userIdFor = (home: string): number => firstUserId + (createHash('sha256').update(home).digest().readUInt32BE(0) % userCount);

/** Bits of capabilities(7): to become another user and group, and to give the right to either away for good. */
const neededRights = [6, 7, 8];

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Who answers: a user with nothing where we are root and the system lets root become others, which some containers do not; else the user that we are. */
export function whoAnswers(home: string): number | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const rights = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(read('/proc/self/status'))?.[1] ?? '0'}`);
  const userId = userIdFor(home);
  const isMapped = read('/proc/self/uid_map')
    .split('\n')
    .some((line) => {
      const [inside = Number.NaN, , count = 0] = line.trim().split(/ +/).map(Number);
      return inside <= userId && userId < inside + count;
    });
  return isMapped && neededRights.every((bit) => (rights >> BigInt(bit)) % 2n === 1n) ? userId : undefined;
}

/** Where the bundle and Node are passed open: whoever runs may then lack the way to the folders that hold them. */
const bundleFd = 4;
const runtimeFd = 5;
const loader = `require('node:vm').compileFunction(require('node:fs').readFileSync(${bundleFd},'utf8'),['require'])(require)`;

/**
 * A bundle is read from what was passed, and Node's permission model (https://nodejs.org/api/permissions.html) gives no file, program or thread beside.
 * Sources, in development, import their neighbours.
 */
const argumentsOf = (bundlePath: string): string[] =>
  bundlePath.endsWith('.ts') ? [...runtimeFlags, bundlePath] : [...runtimeFlags, '--permission', '-e', loader];

export type StartedProgram = {
  readonly child: ChildProcess;
  /** The user that it became; undefined where it stayed ours. */
  readonly userId: number | undefined;
  /** False where it may still gain rights: the system has no setpriv(1). */
  readonly isBound: boolean;
};

/**
 * Starts the name server's process, with nothing of our environment and three pipes, as a user of its own where we are root. Throws `PROGRAM_DAMAGED` when
 * the bundle or Node is not there; that it cannot be run is told by the child's `error`.
 */
export function startProgram({ runtime, bundlePath, home, isPassing }: Started): StartedProgram {
  const userId = whoAnswers(home);
  const setpriv = setprivPlaces.find((path) => existsSync(path));
  const open: number[] = [];
  const openFile = (path: string): number => {
    try {
      const fd = openSync(path, 'r');
      open.push(fd);
      return fd;
    } catch (cause) {
      throw new FarmError('PROGRAM_DAMAGED', { path }, { cause });
    }
  };
  try {
    const bundle = openFile(bundlePath);
    const node = openFile(runtime);
    const own = argumentsOf(bundlePath);
    const isBound = setpriv !== undefined && process.geteuid !== undefined;
    const program = userId === undefined ? runtime : `/proc/self/fd/${runtimeFd}`;
    const [command, words] = isBound ? [setpriv, [...setprivArguments({ userId, endsWithParent: true }), program, ...own]] : [program, own];
    const child = spawn(command, words, {
      // Neither the home nor a folder that could go.
      cwd: parse(dirname(runtime)).root,
      // Windows has no network without it.
      env: process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] },
      stdio: ['pipe', 'pipe', 'pipe', isPassing ? 'ipc' : 'ignore', bundle, node],
      // What a person's terminal tells our own program is not for it: it ends with us.
      detached: true,
      windowsHide: true,
      ...(userId === undefined || isBound ? {} : { uid: userId, gid: userId }),
    });
    return { child, userId, isBound };
  } finally {
    for (const fd of open) closeSync(fd);
  }
}
