import { closeSync, openSync } from 'node:fs';
import type { StartLimits } from '../limits.ts';

export const shell = '/bin/sh';
/** Raised: when the whole server runs out of memory, applications end before the agent, the edge and everything else (proc_pid_oom_score_adj(5)). */
const oomScore = 500;
/** What a shell ends with whose group would not take it; no program was begun. */
const notLet = 125;
const firstDescriptor = 3;

/**
 * What a shell does before it becomes the program: it enters the groups by files that root opened for it, being the instance's user already, and takes
 * on what is bounded for each process. It stays the same process, so nothing that is known of it changes. Of the texts none is anybody's but ours.
 * Sizes of files count in 512 bytes (POSIX, ulimit); the number of processes is `-p` in dash and `-u` in bash.
 */
export function startScript({ entrances, openFiles, fileBytes, userProcesses }: StartLimits): string {
  const descriptors = entrances.map((_, index) => firstDescriptor + index);
  return [
    ...descriptors.map((descriptor) => `echo 0 >&${descriptor} || exit ${notLet}`),
    ...(descriptors.length === 0 ? [] : [`exec ${descriptors.map((descriptor) => `${descriptor}>&-`).join(' ')}`]),
    `{ echo ${oomScore} >/proc/self/oom_score_adj; } 2>/dev/null`,
    `ulimit -n ${openFiles} 2>/dev/null`,
    `ulimit -f ${Math.ceil(fileBytes / 512)} 2>/dev/null`,
    ...(userProcesses === undefined ? [] : [`ulimit -p ${userProcesses} 2>/dev/null || ulimit -u ${userProcesses} 2>/dev/null`]),
    'exec "$@"',
  ].join('\n');
}

/** The entrances, opened by whoever may; the file descriptors are the caller's to close. Throws when one is not there. */
export function openEntrances({ entrances }: StartLimits): number[] {
  const opened: number[] = [];
  try {
    for (const entrance of entrances) opened.push(openSync(entrance, 'w'));
    return opened;
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    throw error;
  }
}
