import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
/** As `engine` takes it. */
type FailPoint = (name: string) => Promise<void>;

const pollMs = 20;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/**
 * For the tests that really kill. `FARM_FAIL_POINT=create.dns.before[:n]` ends this process at the n-th passage of that point as a power cut
 * would. `FARM_POINT_FILE` names a file that is read at every point, so that one core serves many cases: `kill create.dns.before` in it ends this
 * process there; `hold create.dns.before` is answered with `held create.dns.before`, and the process stays there until the file has gone, so
 * that a test can kill another process exactly then. Without both variables there is nothing, and nothing can be asked for over any link.
 */
export function failPointFrom(environment: Readonly<Record<string, string | undefined>>): FailPoint | undefined {
  const [killAt, count = '1'] = (environment.FARM_FAIL_POINT ?? '').split(':');
  const file = environment.FARM_POINT_FILE ?? '';
  if (!killAt && file === '') return undefined;
  let left = Number(count);
  return async (name) => {
    if (name === killAt) {
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    }
    if (file === '') return;
    const asked = read(file);
    if (asked === `kill ${name}`) {
      // Once: the core that comes after it passes here again.
      renameSync(file, `${file}.done`);
      process.kill(process.pid, 'SIGKILL');
    }
    if (asked !== `hold ${name}`) return;
    writeFileSync(file, `held ${name}`);
    while (existsSync(file)) await delay(pollMs);
  };
}
