import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLogged } from './find-logged.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farm-logged-'));
  path = join(folder, 'agent.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (fields: object): string => `${JSON.stringify({ at: '2026-11-29T10:00:00.000Z', level: 'bug', event: 'bug', ...fields })}\n`;

test('finds the line under its reference in the file and in the one before, without its stack', async () => {
  await writeFile(path, line({ reference: '0000000001', message: 'new', stack: 'at secret.ts:1' }));
  await writeFile(`${path}.1`, line({ reference: '0000000002', message: 'old' }));
  const found = await findLogged([join(folder, 'absent.log'), path], '0000000001');
  expect(found).toMatchObject({ log: 'agent.log', atMs: Date.parse('2026-11-29T10:00:00Z') });
  expect(JSON.parse(found?.line ?? '')).toEqual({
    at: '2026-11-29T10:00:00.000Z',
    level: 'bug',
    event: 'bug',
    reference: '0000000001',
    message: 'new',
  });
  expect(await findLogged([path], '0000000002')).toMatchObject({ log: 'agent.log.1' });
  expect(await findLogged([path], '0000000003')).toBeUndefined();
});

test('finds a line of the core, whose reference is among its fields', async () => {
  await writeFile(
    path,
    line({ fields: { reference: 'F-00000A', job: 'j', error: { message: 'no', stack: ['at x.ts'], cause: { stack: [] } } } }),
  );
  const found = await findLogged([path], 'F-00000A');
  expect(found).toMatchObject({ atMs: Date.parse('2026-11-29T10:00:00Z'), fields: { job: 'j', event: 'bug' } });
  expect(found?.line).not.toContain('stack');
});

test('a line that only quotes the reference is not taken for it, nor half a line, nor a part of a longer one', async () => {
  await writeFile(
    path,
    [
      line({ reference: '0000000001', message: 'mine' }),
      line({ event: 'page', host: '"0000000001"', cause: '{"reference":"0000000001"}' }),
      line({ nested: { reference: '0000000001' } }),
      line({ reference: '00000000012' }),
      '{"at":"2026-11-29T10:00:00.000Z","reference":"0000000001","mess',
    ].join(''),
  );
  expect(JSON.parse((await findLogged([path], '0000000001'))?.line ?? '')).toMatchObject({ message: 'mine' });
  expect(await findLogged([path], '000000000')).toBeUndefined();
  expect(await findLogged([path], '')).toBeUndefined();
});

test('a long line is shortened, and of a file that is too long the end is read', async () => {
  await writeFile(
    path,
    line({ reference: '0000000001', message: 'x'.repeat(9_000_000) }) + line({ reference: '0000000002', message: 'y'.repeat(5000) }),
  );
  expect(await findLogged([path], '0000000001')).toBeUndefined();
  expect((await findLogged([path], '0000000002'))?.line).toHaveLength(2000);
});

test('a log that cannot be read is told, and hides no other', async () => {
  await mkdir(join(folder, 'edge.log'));
  await writeFile(path, line({ reference: '0000000001' }));
  expect(await findLogged([join(folder, 'edge.log'), path], '0000000001')).toMatchObject({ log: 'agent.log' });
  await expect(findLogged([join(folder, 'edge.log'), path], '0000000002')).rejects.toMatchObject({ code: 'EISDIR' });
});
