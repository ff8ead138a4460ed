import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder with more entries is measured no further: the number is then a lower bound, and the agent stays quiet. */
const mostEntries = 200_000;
const blockBytes = 4096;

/** Bytes that a file takes, or a folder with all that is in it; a link takes no more than itself. Zero when it is gone. */
export async function entryBytes(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return 0;
  return found.isDirectory() ? blockBytes + (await folderBytes(path)) : bytesOf(found);
}

const bytesOf = ({ blocks, size }: { readonly blocks: number; readonly size: number }): number =>
  Math.max(blockBytes, blocks > 0 ? blocks * 512 : size);

/**
 * Bytes that a folder takes on the disk. Every name in it counts as one block at least, so that a million empty files are not nothing: they take what
 * the disk has for names. Links are counted, never followed: the folder belongs to an instance. One entry at a time, so that nothing else waits for it.
 * Zero when it is gone.
 */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const waiting = [folder];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    try {
      for await (const entry of await opendir(path)) {
        entries += 1;
        if (entries > mostEntries) return bytes;
        const at = join(path, entry.name);
        if (entry.isDirectory()) {
          waiting.push(at);
          bytes += blockBytes;
        } else bytes += bytesOf(await lstat(at));
      }
    } catch {
      // it went away while we looked
    }
  }
  return bytes;
}
