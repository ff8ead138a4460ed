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

/** What was logged with the line: beside its head, or in `fields`. */
function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    if (!isRecord(parsed)) return undefined;
    return isRecord(parsed['fields']) ? { ...parsed['fields'], at: parsed['at'], event: parsed['event'] } : parsed;
  } catch {
    // half a line: whoever wrote it was killed
    return undefined;
  }
}

const withoutStack = (line: string): string =>
  JSON.stringify(JSON.parse(line, (key, value: unknown) => (key === 'stack' ? undefined : value))).slice(0, longestLine);

/** The newest line of a log that was written under the reference, and not one that only quotes it. */
export function loggedIn(bytes: Buffer, reference: string): Omit<LoggedLine, 'log'> | undefined {
  const sought = Buffer.from(JSON.stringify(reference));
  for (let at = bytes.lastIndexOf(sought); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(sought, at - 1)) {
    const end = bytes.indexOf('\n', at);
    const line = bytes.toString('utf8', bytes.lastIndexOf('\n', at) + 1, end < 0 ? bytes.length : end);
    const fields = fieldsOf(line);
    if (fields?.['reference'] !== reference) continue;
    const atMs = Date.parse(String(fields['at']));
    return { atMs: Number.isFinite(atMs) ? atMs : 0, line: withoutStack(line), fields };
  }
  return undefined;
}

/**
 * The line of our own logs (agent, edge, core) that was written under a reference, the newest file first; without its stack, shortened. Undefined
 * when none has it. Absent files are fine; one that cannot be read hides no other, and what the system says of it is thrown when none of the others has it.
 */
export async function findLogged(paths: readonly string[], reference: string): Promise<LoggedLine | undefined> {
  const unread: unknown[] = [];
  for (const path of paths.flatMap((one) => [one, `${one}.1`])) {
    try {
      const found = loggedIn(await endOf(path), reference);
      if (found !== undefined) return { log: basename(path), ...found };
    } catch (error) {
      unread.push(error);
    }
  }
  if (unread.length > 0) throw unread[0];
  return undefined;
}
