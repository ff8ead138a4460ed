import { open } from 'node:fs/promises';
import { basename } from 'node:path';

export type LoggedLine = {
  readonly log: string;
  readonly atMs: number;
  readonly line: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** Our logs are shorter; of a longer file the end is looked at. */
const longestLookBytes = 8_000_000;
const longestLine = 2000;

async function endOf(path: string): Promise<Buffer> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - longestLookBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The line that was logged under the reference, and not one that only quotes it. */
function lineIn(bytes: Buffer, reference: string): Omit<LoggedLine, 'log'> | undefined {
  const sought = Buffer.from(JSON.stringify(reference));
  for (let at = bytes.lastIndexOf(sought); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(sought, at - 1)) {
    const start = bytes.lastIndexOf('\n', at) + 1;
    const end = bytes.indexOf('\n', at);
    try {
      const fields: unknown = JSON.parse(bytes.toString('utf8', start, end < 0 ? bytes.length : end));
      if (!isRecord(fields) || fields['reference'] !== reference) continue;
      const { stack: _stack, ...told } = fields;
      const atMs = typeof fields['at'] === 'string' ? Date.parse(fields['at']) : Number.NaN;
      return { atMs: Number.isFinite(atMs) ? atMs : 0, line: JSON.stringify(told).slice(0, longestLine), fields };
    } catch {
      // half a line: whoever wrote it was killed
    }
  }
  return undefined;
}

/**
 * The line of our own logs (`json-log.ts`, the edge's) that was written under a reference, the newest file first; without its stack, shortened. Undefined
 * when none has it. Absent files are fine; one that cannot be read hides no other, and what the system says of it is thrown when none of the others has it.
 */
export async function findLogged(paths: readonly string[], reference: string): Promise<LoggedLine | undefined> {
  const unread: unknown[] = [];
  for (const path of paths.flatMap((one) => [one, `${one}.1`])) {
    try {
      const found = lineIn(await endOf(path), reference);
      if (found !== undefined) return { log: basename(path), ...found };
    } catch (error) {
      unread.push(error);
    }
  }
  if (unread.length > 0) throw unread[0];
  return undefined;
}
