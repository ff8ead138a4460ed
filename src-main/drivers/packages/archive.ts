import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';

/** A file to pack: its path in the archive, with forward slashes, and where it lies. */
export type ArchiveFile = { readonly name: string; readonly path: string; readonly sizeBytes: number };

export class UnpackableError extends Error {}

/** All plain files below a folder, sorted by name in code units, which no language of the system changes. Links and devices are refused. */
export async function filesBelow(folder: string, prefix = ''): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const name = prefix + entry.name;
    if (entry.isDirectory()) files.push(...(await filesBelow(path, `${name}/`)));
    else if (entry.isFile()) files.push({ name, path, sizeBytes: (await lstat(path)).size });
    else throw new UnpackableError(`${name} is no plain file`);
  }
  return prefix === '' ? files.toSorted((one, other) => (one.name < other.name ? -1 : 1)) : files;
}

/** Everything that could differ between two computers has one value here; the mode is a plain file's, because Windows knows no other. */
const fixed = { mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0), type: 'file' } as const;

async function addAll(archive: Pack, files: readonly ArchiveFile[]): Promise<void> {
  for (const { name, path, sizeBytes } of files) {
    const entry = archive.entry({ ...fixed, name, size: sizeBytes });
    await pipeline(createReadStream(path), entry);
  }
  archive.finalize();
}

/** Byte 9 of a gzip header names the system that packed (RFC 1952 §2.3.1); 255 is "unknown". Node leaves the time at 0. */
function withoutSystem(): Transform {
  let offset = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      const at = 9 - offset;
      offset += piece.length;
      if (at >= 0 && at < piece.length) piece[at] = 255;
      done(null, piece);
    },
  });
}

/**
 * Writes a gzip tar whose bytes depend on names and contents only (and on the zlib of our pinned Node), and syncs it. The caller removes what a
 * failure leaves.
 */
export async function writeArchive(files: readonly ArchiveFile[], path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const archive = pack();
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measure = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      sizeBytes += piece.length;
      done(null, piece);
    },
  });
  const adding = addAll(archive, files).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  const writing = pipeline(
    archive,
    createGzip({ level: 6 }),
    withoutSystem(),
    measure,
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  );
  const failed = (await Promise.allSettled([writing, adding])).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const written = await open(path, 'r+');
  await written.sync().finally(() => written.close());
  return { sha256: hash.digest('hex'), sizeBytes };
}
