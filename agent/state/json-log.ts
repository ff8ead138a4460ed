import { randomBytes } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { FarmError } from '#contract/errors.ts';
import type { AgentClock, AgentLog } from '../ports.ts';

/**
 * The agent's own log: one JSON object per line, rotated by size, one old file kept. Lines are written at once, so that a killed agent has
 * said why. A disk without room loses lines, not the agent.
 */
export function createJsonLog(path: string, clock: AgentClock, maximumBytes = 2_000_000): AgentLog {
  const sizeNow = (): number => {
    try {
      return statSync(path).size;
    } catch {
      return 0;
    }
  };
  let size = sizeNow();
  const write = (level: string, event: string, fields: Readonly<Record<string, unknown>>): void => {
    const line = `${JSON.stringify({ at: new Date(clock.nowMs()).toISOString(), level, event, ...fields })}\n`;
    try {
      if (size + line.length > maximumBytes) {
        rmSync(`${path}.1`, { force: true });
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      size += line.length;
    } catch {
      // nowhere left to say it
    }
  };
  return {
    info: (event, fields = {}) => write('info', event, fields),
    warn: (event, fields = {}) => write('warn', event, fields),
    bug: (error, fields = {}) => {
      const reference = randomBytes(5).toString('hex');
      const what = error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
      write('bug', error instanceof FarmError ? error.code : 'bug', { reference, ...what, ...fields });
      return reference;
    },
  };
}
