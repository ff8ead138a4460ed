import { errorCode } from '#kit/node/whole-file.ts';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { BuiltPayload } from '../../ports/payloads.ts';

const entryShape = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), sizeBytes: z.number().int().nonnegative() });

/** How the names of unfinished things of this folder end; `sweep` knows them again. */
const unfinished = /^\..+\.[0-9a-f]{16}\.tmp$/;
/** Another program may be writing here just now: only what is older was left by one that died. */
const abandonedMs = 3_600_000;

/** An installation names the process that makes it. One whose number was given to another waits for its hour. */
function isOwnerGone(name: string): boolean {
  const owner = /^\.install-(\d+)\./.exec(name)?.[1];
  if (owner === undefined) return false;
  try {
    process.kill(Number(owner), 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

export type PayloadCache = {
  /** The payload kept for these sources, when it is there and whole. */
  readonly find: (key: string) => Promise<BuiltPayload | undefined>;
  /** Takes a finished archive in by its hash, then says that it belongs to the key. Whoever looks sees all of it or nothing. */
  readonly keep: (key: string, archive: string, built: { sha256: string; sizeBytes: number }) => Promise<BuiltPayload>;
  /** Forgets that the archive was seen whole. */
  readonly doubt: (sha256: string) => void;
  readonly sweep: () => Promise<void>;
};

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * Archives by content hash, and beside them which sources made which. May be shared by several programs at once: every name appears by one rename,
 * and two that build the same thing put the same bytes in the same place.
 */
export function createPayloadCache(
  folder: string,
  writeFile: (path: string, text: string) => Promise<void>,
  nowMs: () => number,
): PayloadCache {
  const pathOf = (sha256: string): string => join(folder, `${sha256}.tar.gz`);
  const keyPath = (key: string): string => join(folder, `${key}.json`);
  const checked = new Set<string>();
  return {
    find: async (key) => {
      const text = await readFile(keyPath(key), 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        return undefined;
      }
      const entry = entryShape.safeParse(json);
      if (!entry.success) return undefined;
      const { sha256, sizeBytes } = entry.data;
      const path = pathOf(sha256);
      const size = await stat(path).then(
        (found) => found.size,
        () => -1,
      );
      if (size !== sizeBytes) return undefined;
      // Once in a program's life: a disk that turned a bit would otherwise only be noticed by the server.
      if (!checked.has(sha256) && (await hashFile(path)) !== sha256) return undefined;
      checked.add(sha256);
      return { sha256, sizeBytes, path };
    },
    keep: async (key, archive, { sha256, sizeBytes }) => {
      await rename(archive, pathOf(sha256));
      await writeFile(keyPath(key), JSON.stringify({ sha256, sizeBytes }));
      checked.add(sha256);
      return { sha256, sizeBytes, path: pathOf(sha256) };
    },
    doubt: (sha256) => void checked.delete(sha256),
    sweep: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(folder)) {
        if (!unfinished.test(name)) continue;
        const path = join(folder, name);
        const found = await stat(path).catch(() => undefined);
        if (found === undefined) continue;
        if (isOwnerGone(name) || nowMs() - found.mtimeMs > abandonedMs) await rm(path, { recursive: true, force: true });
      }
    },
  };
}
