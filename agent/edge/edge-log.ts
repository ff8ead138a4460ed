import { randomBytes } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';

import type { AgentLog } from '../ports.ts';

const maximumBytes = 2_000_000;
const maximumLinesPerSecond = 50;

export type EdgeLog = { readonly write: (event: string, fields?: Readonly<Record<string, unknown>>) => void };

/** True while this second has room for another line, so many in all. */
export function limitLines(nowMs: () => number, most = maximumLinesPerSecond): () => boolean {
  let second = 0;
  let lines = 0;
  return () => {
    const current = Math.floor(nowMs() / 1000);
    if (current !== second) [second, lines] = [current, 0];
    lines += 1;
    return lines <= most;
  };
}

/** The edge's own log: JSON lines, bounded in size and in lines per second, so that no visitor can fill a disk. */
export function createEdgeLog(path: string, nowMs: () => number): EdgeLog {
  const isRoom = limitLines(nowMs);
  return {
    write: (event, fields = {}) => {
      if (!isRoom()) return;
      try {
        const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        if (size > maximumBytes) {
          rmSync(`${path}.1`, { force: true });
          renameSync(path, `${path}.1`);
        }
        const at = new Date(nowMs()).toISOString();
        appendFileSync(path, `${JSON.stringify({ at, event, processId: process.pid, ...fields })}\n`, { mode: 0o600 });
      } catch {
        // A full disk loses lines, not visitors.
      }
    },
  };
}

const longestFieldsBytes = 8192;

/** A line of a worker, which says what it likes: never over what the log itself says, and no longer than a line should be. */
export function writeOf(log: EdgeLog, processId: number, event: string, fields: Readonly<Record<string, unknown>>): void {
  const { at: _at, event: _event, processId: _processId, ...own } = fields;
  const isShort = JSON.stringify(own).length <= longestFieldsBytes;
  log.write(event, { ...(processId === 0 ? {} : { processId }), ...(isShort ? own : { problem: 'too long' }) });
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
