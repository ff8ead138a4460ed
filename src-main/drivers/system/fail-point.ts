import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
/** As `engine` takes it. */
type FailPoint = (name: string) => Promise<void>;

const pollMs = 20;

/**
 * For the tests that really kill. `FARM_FAIL_POINT=create.dns.before[:n]` ends this process at the n-th passage of that point as a power cut
 * would; `FARM_HOLD_POINT` holds it there, from the moment that the file `FARM_HOLD_FILE` appears until somebody removes it, so that a test can
 * kill another process exactly then. Without both variables there is nothing, and nothing can be asked for over any link.
 */
export function failPointFrom(environment: Readonly<Record<string, string | undefined>>): FailPoint | undefined {
  const [killAt, count = '1'] = (environment.FARM_FAIL_POINT ?? '').split(':');
  const { FARM_HOLD_POINT: holdAt, FARM_HOLD_FILE: holdFile } = environment;
  if (!killAt && !holdAt) return undefined;
  let left = Number(count);
  let isHeld = false;
  return async (name) => {
    if (name === killAt) {
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    }
    if (name !== holdAt || holdFile === undefined || isHeld) return;
    isHeld = true;
    writeFileSync(holdFile, name);
    while (existsSync(holdFile)) await delay(pollMs);
  };
}
