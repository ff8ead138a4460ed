import { createReadStream } from 'node:fs';
import { link, lstat, mkdir, open, realpath, symlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { type ErrorParameters, FarmError, isFarmError } from '#contract/errors.ts';
import { createArchiveNames, linkTarget } from '#kit/archive-entry.ts';
import { isNoRoom } from '../os/host-os.ts';

export type UnpackLimits = { readonly payloadBytes: number; readonly payloadEntries: number };
export type Unpack = {
  readonly packageId: string;
  readonly archive: string;
  /** An empty folder that the caller removes when this throws. */
  readonly folder: string;
  readonly limits: UnpackLimits;
};

/** What the iterator of tar-stream 3 yields; its typings say less. */
type Entry = Readable & { readonly header: Header };
type Reason = ErrorParameters<'PAYLOAD_UNSAFE'>['reason'];
type Link = { readonly entry: string; readonly parts: readonly string[]; readonly target: readonly string[]; readonly text: string };

/** Files wait for the disk side by side: one after another is ten times slower on a disk that turns. */
const mostSyncs = 32;

/** What one unpacking has seen so far. */
class Unpacking {
  readonly #unpack: Unpack;
  readonly #names: ReturnType<typeof createArchiveNames>;
  readonly #folders = new Set<string>();
  readonly #symbolicLinks: Link[] = [];
  readonly #hardLinks: Link[] = [];
  readonly #syncs = new Set<Promise<void>>();
  #syncError: unknown;
  bytes = 0;

  constructor(unpack: Unpack) {
    this.#unpack = unpack;
    this.#names = createArchiveNames(unpack.limits.payloadEntries);
  }

  refuse(entry: string, reason: Reason): FarmError {
    return new FarmError('PAYLOAD_UNSAFE', { packageId: this.#unpack.packageId, entry: entry.slice(0, 300), reason });
  }

  async take(entry: Entry): Promise<void> {
    const { name, type, size, linkname } = entry.header;
    const { limits } = this.#unpack;
    const path = this.#names.take(name, type === 'directory');
    if ('refused' in path) throw this.refuse(name, path.refused);
    if (this.bytes + (size ?? 0) > limits.payloadBytes) throw this.refuse(name, 'size');
    if (type === 'directory') await this.#makeFolder(path.parts);
    else if (type === 'file') await this.#writeFile(name, path.parts, entry);
    else if (type === 'symlink') this.#keepLink(this.#symbolicLinks, name, path.parts, path.parts.slice(0, -1), linkname);
    else if (type === 'link') this.#keepLink(this.#hardLinks, name, path.parts, [], linkname);
    else throw this.refuse(name, 'device');
    entry.resume();
  }

  #keepLink(links: Link[], entry: string, parts: readonly string[], from: readonly string[], text: string | null | undefined): void {
    const target = linkTarget(from, text ?? '');
    if ('refused' in target || parts.length === 0) throw this.refuse(entry, 'link');
    links.push({ entry, parts, target: target.parts, text: text ?? '' });
  }

  async #makeFolder(parts: readonly string[]): Promise<void> {
    if (parts.length === 0 || this.#folders.has(parts.join('/'))) return;
    await this.#makeFolder(parts.slice(0, -1));
    const path = join(this.#unpack.folder, ...parts);
    // Links are made last, so what stands here is a folder or a file of this very archive.
    await mkdir(path, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? this.refuse(parts.join('/'), 'name') : error;
    });
    this.#folders.add(parts.join('/'));
  }

  async #writeFile(name: string, parts: readonly string[], entry: Entry): Promise<void> {
    if (parts.length === 0) throw this.refuse(name, 'name');
    await this.#makeFolder(parts.slice(0, -1));
    const isProgram = ((entry.header.mode ?? 0) & 0o100) !== 0;
    const file = await open(join(this.#unpack.folder, ...parts), 'wx', isProgram ? 0o755 : 0o644).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' || error.code === 'EISDIR' ? this.refuse(name, 'name') : error;
    });
    let isWhole = false;
    try {
      for await (const piece of entry as AsyncIterable<Uint8Array>) {
        this.bytes += piece.byteLength;
        if (this.bytes > this.#unpack.limits.payloadBytes) throw this.refuse(name, 'size');
        await file.writeFile(piece);
      }
      isWhole = true;
    } finally {
      if (!isWhole) await file.close();
    }
    // Closing fails too, where a disk tells only then that it has no room (close(2)).
    const sync = file
      .sync()
      .finally(() => file.close())
      .catch((error: unknown) => {
        this.#syncError ??= error;
      })
      .finally(() => this.#syncs.delete(sync));
    this.#syncs.add(sync);
    if (this.#syncs.size >= mostSyncs) await Promise.race(this.#syncs);
  }

  /** Resolves when no file is open any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#syncs);
  }

  /** Links last: nothing was ever written through one. Then each is followed for real, because links may lead through links. */
  async finish(): Promise<void> {
    await this.settle();
    if (this.#syncError !== undefined) throw this.#syncError;
    const { folder } = this.#unpack;
    for (const { entry, parts, target } of this.#hardLinks) {
      const source = join(folder, ...target);
      if (!(await lstat(source).catch(() => undefined))?.isFile()) throw this.refuse(entry, 'link');
      await this.#makeFolder(parts.slice(0, -1));
      await this.#place(entry, link(source, join(folder, ...parts)));
    }
    for (const { entry, parts, text } of this.#symbolicLinks) {
      await this.#makeFolder(parts.slice(0, -1));
      await this.#place(entry, symlink(text, join(folder, ...parts)));
    }
    const root = `${await realpath(folder)}${sep}`;
    for (const { entry, parts } of this.#symbolicLinks) {
      const met = await realpath(join(folder, ...parts)).catch(() => '');
      if (!`${met}${sep}`.startsWith(root)) throw this.refuse(entry, 'link');
    }
    for (const path of ['', ...this.#folders]) await syncFolder(join(folder, path));
  }

  async #place(entry: string, made: Promise<void>): Promise<void> {
    await made.catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? this.refuse(entry, 'name') : error;
    });
  }
}

/** Makes names in a folder certain (fsync(2)); Windows cannot open folders and needs no such call. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (isNoRoom(error)) throw error;
  }
}

/**
 * Unpacks a gzip tar into an empty folder and syncs it; answers with the bytes of its files. Throws `PAYLOAD_UNSAFE` for everything that could
 * reach outside or exceed the manifest, `PAYLOAD_BUILD` when it is no whole gzip tar, `DISK_FULL`. The caller removes the folder after a throw.
 */
export async function unpackArchive(unpack: Unpack): Promise<number> {
  const { packageId, archive, folder, limits } = unpack;
  const unpacking = new Unpacking(unpack);
  // Headers and padding count too, or an archive of nothing but headers would have no bound.
  const mostRawBytes = limits.payloadBytes + limits.payloadEntries * 4096 + 1_048_576;
  let rawBytes = 0;
  const guard = new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      rawBytes += piece.byteLength;
      done(rawBytes > mostRawBytes ? unpacking.refuse('', 'size') : null, piece);
    },
  });
  const reader = extract();
  const taking = (async () => {
    for await (const entry of reader as AsyncIterable<Entry>) await unpacking.take(entry);
  })();
  try {
    const feeding = pipeline(createReadStream(archive), createGunzip(), guard, reader);
    const [fed, taken] = await Promise.allSettled([feeding, taking]);
    // A refused entry ends the feeding too, with a less telling error.
    if (taken.status === 'rejected') throw taken.reason;
    if (fed.status === 'rejected') throw fed.reason;
    await unpacking.finish();
    return unpacking.bytes;
  } catch (error) {
    await unpacking.settle();
    if (isFarmError(error)) throw error;
    if (isNoRoom(error)) throw new FarmError('DISK_FULL', { server: '', path: dirname(folder) }, { cause: error });
    throw isArchiveError(error) ? new FarmError('PAYLOAD_BUILD', { packageId, reason: 'archive' }, { cause: error }) : error;
  }
}

/** zlib's errors carry `Z_…` codes, tar-stream's none at all; those of files carry the system's code. */
function isArchiveError(error: unknown): boolean {
  return error instanceof Error && !('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code));
}
