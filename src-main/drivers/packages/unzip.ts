import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type Entry, open, type ZipFile } from 'yauzl';
import { createArchiveNames } from '#kit/archive-entry.ts';

/** Why a zip is refused; the words are those of `PAYLOAD_BUILD`. */
export class ZipError extends Error {
  readonly reason: 'hash' | 'link' | 'size' | 'count' | 'name' | 'zip';
  constructor(reason: ZipError['reason'], detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export type ZipLimits = { readonly payloadBytes: number; readonly payloadEntries: number };

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The upper half of `externalFileAttributes` is the Unix mode where the zip was made on Unix (APPNOTE.TXT 4.4.15). */
const unixKind = (entry: Entry): number => (entry.externalFileAttributes >>> 16) & 0o170000;
const plainKinds = [0, 0o100000, 0o040000];

/** One entry after another, because the library hands out one at a time; the first error ends it. */
async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  while (true) {
    const next = new Promise<Entry | undefined>((resolve, reject) => {
      zip.once('entry', resolve);
      zip.once('end', () => resolve(undefined));
      zip.once('error', reject);
    });
    zip.readEntry();
    const entry = await next;
    zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
    if (entry === undefined) return;
    yield entry;
  }
}

/**
 * Unpacks a zip below a folder that the caller removes. Refused: what an agent refuses of a tar (`archive-entry.ts`:
 * names that lead outside, names that Windows does not take, names that differ only by case), links and devices, encrypted entries, and more than the manifest allows, by what is really written and not by what the headers say.
 */
export async function unzip(path: string, folder: string, limits: ZipLimits): Promise<void> {
  const zip: ZipFile = await promisify<string, object, ZipFile>(open as never)(path, {
    lazyEntries: true,
    autoClose: false,
    strictFileNames: true,
  }).catch((error: unknown) => {
    throw new ZipError('zip', String(error));
  });
  const openStream = promisify<Entry, Readable>(zip.openReadStream.bind(zip) as never);
  let leftBytes = limits.payloadBytes;
  const names = createArchiveNames(limits.payloadEntries);
  try {
    for await (const entry of entriesOf(zip)) {
      if (!plainKinds.includes(unixKind(entry))) throw new ZipError('link', entry.fileName);
      const isFolder = entry.fileName.endsWith('/');
      const name = names.take(entry.fileName, isFolder);
      if ('refused' in name) throw new ZipError(name.refused === 'count' ? 'count' : 'name', entry.fileName);
      const target = join(folder, ...name.parts);
      if (isFolder) {
        await mkdir(target, { recursive: true, mode: 0o700 });
        continue;
      }
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const content = await openStream(entry);
      content.on('data', (piece: Buffer) => {
        leftBytes -= piece.length;
        if (leftBytes < 0) content.destroy(new ZipError('size', entry.fileName));
      });
      await pipeline(content, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
    }
  } catch (error) {
    const isOurs = error instanceof ZipError || (error instanceof Error && 'code' in error);
    throw isOurs ? error : new ZipError('zip', String(error));
  } finally {
    zip.close();
  }
}
