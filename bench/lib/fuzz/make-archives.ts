import { crc32, deflateRawSync } from 'node:zlib';
import { pack } from 'tar-stream';

const text = 'some text '.repeat(50);
type Entry = { readonly name: string; readonly content?: string; readonly link?: string };
const kinds: Readonly<Record<number, readonly Entry[]>> = {
  1: [{ name: 'a/' }, { name: 'a/index.html', content: text }, { name: 'b.txt', content: 'b' }],
  2: Array.from({ length: 40 }, (_, at) => ({ name: `deep/${'d/'.repeat(at % 9)}file-${at}.txt`, content: String(at) })),
  3: [
    { name: `${'long/'.repeat(40)}name.txt`, content: text },
    { name: 'ключ.txt', content: 'x' },
    { name: 'big', content: text.repeat(200) },
  ],
};

/** A tar before it is packed with gzip. */
export async function makeTar(kind: number): Promise<Buffer> {
  const packer = pack();
  for (const { name, content } of kinds[kind] ?? [])
    packer.entry({ name, type: content === undefined ? 'directory' : 'file' }, content ?? '');
  if (kind === 3) packer.entry({ name: 'link', type: 'symlink', linkname: 'big' });
  packer.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of packer) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}

/** A zip with compressed entries (APPNOTE.TXT 4.3). */
export function makeZip(kind: number): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '' } of kinds[kind] ?? []) {
    const [raw, nameBytes] = [Buffer.from(content), Buffer.from(name)];
    const packed = deflateRawSync(raw);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}
