import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FoldersInUse, sweepCopies } from './sweep-copies.ts';

const nowMs = Date.now();
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'farm-sweep-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const none: FoldersInUse = async () => new Set();
const sweep = (foldersInUse = none) => sweepCopies({ root, keep: '2.0.0-00000000', foldersInUse, clock: { nowMs: () => nowMs } });
const minutes = (count: number): Date => new Date(nowMs - count * 60_000);

function put(name: string, wanted: Date): string {
  const path = join(root, name);
  for (const part of ['agent', 'bin']) mkdirSync(join(path, part), { recursive: true });
  writeFileSync(join(path, 'agent', 'agent.cjs'), '');
  writeFileSync(join(path, 'bin', 'node'), '');
  utimesSync(path, wanted, wanted);
  return path;
}
/** The number of a process that has ended. */
const ended = (): number => spawnSync(process.execPath, ['-e', '']).pid;

it('removes the folders of other versions that nothing uses, and only those', async () => {
  put('1.0.0-aaaaaaaa', minutes(60));
  const used = put('1.1.0-bbbbbbbb', minutes(60));
  put('1.2.0-cccccccc', minutes(0.5));
  put('2.0.0-00000000', minutes(60));
  const swept = await sweep(async (folders) => new Set(folders.filter((folder) => folder === used)));
  expect(swept).toEqual({ removed: ['1.0.0-aaaaaaaa'], kept: ['1.1.0-bbbbbbbb', '1.2.0-cccccccc'], refusals: [] });
  expect(readdirSync(root).sort()).toEqual(['1.1.0-bbbbbbbb', '1.2.0-cccccccc', '2.0.0-00000000']);
  expect((await sweep()).removed).toEqual(['1.1.0-bbbbbbbb']);
});

it('puts a folder back, whole, when an agent began with it at that moment', async () => {
  const path = put('1.0.0-aaaaaaaa', minutes(60));
  let looks = 0;
  const late: FoldersInUse = async (folders) => {
    looks += 1;
    return new Set(looks === 1 ? [] : folders);
  };
  expect(await sweep(late)).toEqual({ removed: [], kept: ['1.0.0-aaaaaaaa'], refusals: [] });
  expect(readdirSync(root)).toEqual(['1.0.0-aaaaaaaa']);
  expect(readdirSync(path)).toEqual(['agent', 'bin']);
});

it('puts a folder back when a program asked for it at that moment, or when it cannot see who uses it', async () => {
  const path = put('1.0.0-aaaaaaaa', minutes(60));
  const wanting: FoldersInUse = async ([folder = '']) => {
    utimesSync(folder, minutes(0), minutes(0));
    return new Set();
  };
  expect((await sweep(wanting)).kept).toEqual(['1.0.0-aaaaaaaa']);
  utimesSync(path, minutes(60), minutes(60));
  let looks = 0;
  const failing: FoldersInUse = async () => {
    looks += 1;
    if (looks > 1) throw new Error('no answer');
    return new Set();
  };
  expect(await sweep(failing)).toEqual({ removed: [], kept: ['1.0.0-aaaaaaaa'], refusals: ['Error: no answer'] });
  expect(existsSync(join(path, 'bin', 'node'))).toBe(true);
});

it('removes what killed programs left, and nothing of those that still work', async () => {
  const random = '0123456789abcdef';
  const of = (maker: number, what = '1.0.0-aaaaaaaa'): string => `.${what}.${maker}.${random}.tmp`;
  const left = of(ended());
  put(left, minutes(0));
  const file = of(ended(), 'edge.cjs');
  writeFileSync(join(root, file), 'half');
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    const working = of(other.pid ?? 0);
    put(working, minutes(30));
    put(of(process.pid), minutes(30));
    writeFileSync(join(root, '.directory'), 'a person’s');
    expect(new Set((await sweep()).removed)).toEqual(new Set([left, file]));
    expect(readdirSync(root).sort()).toEqual([of(process.pid), working, '.directory'].sort());
    // The number is another process's by now.
    utimesSync(join(root, working), minutes(90), minutes(90));
    expect((await sweep()).removed).toEqual([working]);
  } finally {
    other.kill('SIGKILL');
  }
});

it('brings back a used folder whose sweeper was killed before it saw that', async () => {
  put(`.1.0.0-aaaaaaaa.${ended()}.0123456789abcdef.tmp`, minutes(60));
  await sweep(async (folders) => new Set(folders));
  expect(readdirSync(root)).toEqual(['1.0.0-aaaaaaaa']);
});
