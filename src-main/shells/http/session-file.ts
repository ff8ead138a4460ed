import { createQueue } from '#kit/keyed-queue.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { atomicWriteFile } from '../../drivers/shared/files.ts';
import type { KeptSessions } from './session.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const kept = z.record(hash, z.object({ endsAtMs: z.number(), keyHash: hash }));
const pathOf = (home: string): string => join(home, 'sessions.json');

/** Sessions of the run before. A file that cannot be read, or one of before there were keys, signs everybody out, and is no reason not to start. */
export async function readSessions(home: string): Promise<KeptSessions> {
  try {
    return kept.parse(JSON.parse(await readFile(pathOf(home), 'utf8')));
  } catch {
    return {};
  }
}

/** 0600. Writes follow one another; one that fails costs a new sign-in after the next start. */
export function sessionKeeper(home: string, onFailure: (error: unknown) => void): (sessions: KeptSessions) => void {
  const queued = createQueue();
  return (sessions) => {
    queued(() => atomicWriteFile(pathOf(home), `${JSON.stringify(sessions)}\n`, { mode: 0o600 })).catch(onFailure);
  };
}
