import { randomBytes } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';

import type { AgentLog } from '../ports.ts';

const maximumBytes = 2_000_000;
const maximumLinesPerSecond = 50;

export type EdgeLog = { readonly write: (event: string, fields?: Readonly<Record<string, unknown>>) => void };

/** The edge's own log: JSON lines, bounded in size and in lines per second, so that no visitor can fill a disk. */
export function createEdgeLog(path: string, nowMs: () => number): EdgeLog {
  let second = 0;
  let lines = 0;
  return {
    write: (event, fields = {}) => {
      const at = nowMs();
      const current = Math.floor(at / 1000);
      if (current !== second) [second, lines] = [current, 0];
      lines += 1;
      if (lines > maximumLinesPerSecond) return;
      try {
        const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        if (size > maximumBytes) {
          rmSync(`${path}.1`, { force: true });
          renameSync(path, `${path}.1`);
        }
        appendFileSync(path, `${JSON.stringify({ at: new Date(at).toISOString(), event, processId: process.pid, ...fields })}\n`, {
          mode: 0o600,
        });
      } catch {
        // A full disk loses lines, not visitors.
      }
    },
  };
}

/** Writes what nobody expected to the edge's log; answers with the reference that stands beside it. */
export const bugsTo = (log: EdgeLog): Pick<AgentLog, 'bug'> => ({
  bug: (error, fields = {}) => {
    const reference = randomBytes(5).toString('hex');
    const what = error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
    log.write('bug', { reference, ...what, ...fields });
    return reference;
  },
});
