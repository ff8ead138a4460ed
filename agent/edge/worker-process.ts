import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { Confinement } from '../os/identity.ts';
import type { StartWorker } from './worker-link.ts';

export type WorkerProgram = {
  readonly runtime: string;
  readonly flags: readonly string[];
  readonly script: string;
  /** The edge's folder. */
  readonly folder: string;
  readonly confinement: Confinement;
};

const lastWords = 2000;
const graceMs = 200;

/**
 * The way to the script for a process that stands in the edge's folder and may not pass the folders above it: what is below is reached from where it
 * stands (path_resolution(7)).
 */
function scriptFor({ script, folder }: WorkerProgram): string {
  const below = relative(folder, script);
  return below.startsWith('..') || isAbsolute(below) ? script : join('/proc/self/cwd', below);
}

/**
 * Starts workers as processes of their own. Where they have another user, Node itself is given as an open file, because its folder may be closed to them; of
 * what they print only the end is kept, so that none of them can fill a disk.
 */
export function workerProcesses(program: WorkerProgram): StartWorker {
  const { runtime, flags, folder, confinement } = program;
  const isOther = confinement.state !== 'none';
  return ({ said, gone }) => {
    const file = openSync(runtime, 'r');
    const node = isOther ? '/proc/self/fd/4' : runtime;
    const [command = node, ...args] = [
      ...[...confinement.before, node, ...flags, '--preserve-symlinks-main', scriptFor(program)],
      '--worker',
    ];
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, FARM_PROCESS: process.env['FARM_PROCESS']?.replace(/:edge$/, ':worker') },
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', isOther ? file : 'ignore'],
      ...confinement.as,
    });
    closeSync(file);
    let words = '';
    let isGone = false;
    const end = (how: string): void => {
      if (isGone) return;
      isGone = true;
      child.kill('SIGKILL');
      gone(`${how} ${words}`.trim());
    };
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => (words = `${words}${text}`.slice(-lastWords)));
    child.on('error', (error) => end(String(error)));
    child.once('close', (code, signal) => end(signal ?? String(code)));
    // Most often it ends by itself at this moment, and says why.
    child.once('disconnect', () => setTimeout(() => child.kill('SIGKILL'), graceMs).unref());
    child.on('message', (message, handle) => {
      if (handle === undefined || handle === null) {
        said(message);
        return;
      }
      // No worker has a socket to give, and Node lets a server that comes accept at once.
      if ('destroy' in handle) handle.destroy();
      else handle.close();
      end('gave a socket');
    });
    return {
      processId: child.pid ?? 0,
      send: (message, socket, sent) => {
        if (child.connected) child.send(message, socket as never, {}, () => sent?.());
        else sent?.();
      },
      end: () => void child.kill('SIGKILL'),
    };
  };
}
