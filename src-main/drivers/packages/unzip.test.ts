import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unzip } from './unzip.ts';

type Made = { readonly name: string; readonly text?: string; readonly mode?: number };
const limits = { payloadBytes: 1000, payloadEntries: 3 };
let folder = '';

/** A zip of stored entries (APPNOTE.TXT 4.3), so that a test can say what no packer would write. */
function makeZip(entries: readonly Made[]): string {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text = '', mode = 0o100644 } of entries) {
    const [nameBytes, data] = [Buffer.from(name), Buffer.from(text)];
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(data.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, nameBytes, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, 3]), shared, tail, nameBytes]));
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  const path = join(folder, 'a.zip');
  writeFileSync(path, Buffer.concat([...bodies, central, Buffer.from('PK\x05\x06', 'latin1'), end]));
  return path;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-unzip-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('unpacks files and folders', async () => {
  await unzip(
    makeZip([{ name: 'site/', mode: 0o040755 }, { name: 'site/index.html', text: '<p>hi' }, { name: 'empty' }]),
    join(folder, 'out'),
    limits,
  );
  expect(readFileSync(join(folder, 'out', 'site', 'index.html'), 'utf8')).toBe('<p>hi');
  expect(readFileSync(join(folder, 'out', 'empty'), 'utf8')).toBe('');
});

it.each([
  ['a name that leads outside', [{ name: '../evil', text: 'x' }], 'zip'],
  ['an absolute name', [{ name: '/etc/evil', text: 'x' }], 'zip'],
  ['a backslash', [{ name: 'a\\..\\evil', text: 'x' }], 'zip'],
  ['a link', [{ name: 'link', text: '/etc/passwd', mode: 0o120777 }], 'link'],
  ['a device', [{ name: 'device', mode: 0o020666 }], 'link'],
  [
    'more bytes than the manifest allows',
    [
      { name: 'a', text: 'x'.repeat(600) },
      { name: 'b', text: 'x'.repeat(600) },
    ],
    'size',
  ],
  ['names that differ only by case', [{ name: 'Read.me' }, { name: 'read.ME' }], 'name'],
  ['folders that differ only by case', [{ name: 'Site/a' }, { name: 'site/b' }], 'name'],
  ['a file where a folder is', [{ name: 'site/a' }, { name: 'site' }], 'name'],
  ['the same file twice', [{ name: 'a' }, { name: 'a' }], 'name'],
  ['a name that is a device of Windows', [{ name: 'site/con.txt' }], 'name'],
  ['a stream of Windows', [{ name: 'ab:hidden' }], 'name'],
  ['a name that ends with a dot', [{ name: 'a.' }], 'name'],
  ['more folders than the manifest allows', ['a/', 'b/', 'c/', 'd/'].map((name) => ({ name, mode: 0o040755 })), 'count'],
  ['more folders than the manifest allows, in one name', [{ name: 'a/b/c/d' }], 'count'],
  ['more files than the manifest allows', ['a', 'b', 'c', 'd'].map((name) => ({ name })), 'count'],
] as const)('refuses %s', async (_what, entries, reason) => {
  await expect(unzip(makeZip(entries), join(folder, 'out'), limits)).rejects.toMatchObject({ reason });
  expect(existsSync(join(folder, 'evil'))).toBe(false);
});

it('refuses what is no zip', async () => {
  writeFileSync(join(folder, 'a.zip'), 'no zip at all');
  await expect(unzip(join(folder, 'a.zip'), join(folder, 'out'), limits)).rejects.toMatchObject({ reason: 'zip' });
});
