import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseDesktop } from './choose-desktop.ts';

const { foldersInUse } = chooseDesktop('linux');
let folder = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-in-use-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function run(program: string, script: string): Promise<void> {
  mkdirSync(dirname(script), { recursive: true });
  writeFileSync(script, 'console.log("runs"); setInterval(() => {}, 1000)');
  const child = spawn(program, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', reject);
  });
}
const node = (place: string): string => {
  const path = join(place, 'bin', 'node');
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(process.execPath, path);
  return path;
};

describe('on Linux a folder is in use', () => {
  it('when the program of a process lies in it, also after the folder was moved', async () => {
    const place = join(folder, 'Анна и Ко', '1.0.0-aaaaaaaa');
    const other = join(folder, 'Анна и Ко', '1.0.0-aaaaaaaab');
    await run(node(place), join(folder, 'elsewhere.cjs'));
    expect(await foldersInUse([place, other])).toEqual(new Set([place]));
    renameSync(place, other);
    expect(await foldersInUse([other])).toEqual(new Set([other]));
  });

  it('when a process was started with a file in it, by another name of the folder too', async () => {
    const place = join(folder, '1.0.0-aaaaaaaa');
    await run(process.execPath, join(place, 'agent', 'agent.cjs'));
    symlinkSync(folder, `${folder}-link`);
    try {
      const linked = join(`${folder}-link`, '1.0.0-aaaaaaaa');
      expect(await foldersInUse([place, linked, join(folder, 'none')])).toEqual(new Set([place, linked]));
    } finally {
      rmSync(`${folder}-link`);
    }
  });
});

it('agents, and a demo farm with them, run on Linux and on Windows', () => {
  expect(['linux', 'win32', 'darwin'].map((platform) => chooseDesktop(platform).canRunAgents)).toEqual([true, true, false]);
  expect(['linux', 'win32', 'darwin'].map((platform) => chooseDesktop(platform).canPassSockets)).toEqual([true, false, true]);
});

it('on a Mac nothing is swept', async () => {
  expect(await chooseDesktop('darwin').foldersInUse(['/a'])).toEqual(new Set(['/a']));
});
