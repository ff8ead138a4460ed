import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export type ArchiveEntry = {
  readonly name: string;
  readonly text?: string;
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device' | 'fifo';
  readonly linkname?: string;
  readonly mode?: number;
};

/** A gzip tar with exactly these entries, whatever they are. */
export async function makeArchive(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const packer = pack();
  for (const { name, text = '', type = 'file', linkname, mode = 0o644 } of entries)
    packer.entry({ name, type, mode, ...(linkname === undefined ? {} : { linkname }) }, type === 'file' ? text : '');
  packer.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of packer) pieces.push(piece as Uint8Array);
  return gzipSync(Buffer.concat(pieces));
}
