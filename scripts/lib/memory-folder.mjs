import { existsSync, readFileSync, statfsSync } from 'node:fs';

/** Linux keeps files of this folder in memory (shm_overview(7)). */
const folder = '/dev/shm';
const leastBytes = 2 * 1024 ** 3;

/**
 * Where temporary files cost no waiting for a disk: every commit of a store waits until it is there (3 ms on a disk of 2026-11, 0.2 ms here), and a test
 * of a job makes some forty. Undefined where there is no such folder, little room in it, or programs may not be run from it.
 * @param {string} mounts what /proc/mounts says
 * @param {{ freeBytes: number } | undefined} found
 */
export function memoryFolderOf(mounts, found) {
  const [, , , options = ''] =
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, path, type]) => path === folder && type === 'tmpfs') ?? [];
  const may = options.split(',');
  return may.includes('rw') && !may.includes('noexec') && found !== undefined && found.freeBytes >= leastBytes ? folder : undefined;
}

/** For the environment of a test run; nothing where a person has said where temporary files go. @param {NodeJS.ProcessEnv} environment */
export function temporaryFolder(environment) {
  if (environment['TMPDIR'] !== undefined || !existsSync('/proc/mounts') || !existsSync(folder)) return {};
  const { bavail, bsize } = statfsSync(folder);
  const found = memoryFolderOf(readFileSync('/proc/mounts', 'utf8'), { freeBytes: bavail * bsize });
  return found === undefined ? {} : { TMPDIR: found };
}
