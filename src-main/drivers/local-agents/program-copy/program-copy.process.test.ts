import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../../ports/request.ts';
import type { AgentProgram } from '../agent-program.ts';
import { makeInstallation, putFile } from '../fixtures/installation.ts';
import { createProgramCopy, type ProgramCopyOptions } from './index.ts';

let folder = '';
let root = '';
let resources = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-program-'));
  // A person's own name stands in both paths.
  root = join(folder, 'Анна Petrova', 'farmstead', 'runtime');
  resources = join(folder, 'Программы и Farmstead', 'resources');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

const clock = { nowMs: () => Date.now() };
const log: Log = { info: () => undefined, warn: () => undefined, bug: () => '' };
const copyOf = (installed: AgentProgram, more: Partial<ProgramCopyOptions> = {}) =>
  createProgramCopy({ installed, version: '1.0.0', root, foldersInUse: async () => new Set(), clock, log, ...more });
const versions = (): string[] => readdirSync(root).filter((name) => !name.startsWith('.'));
const filesOf = (place: string): string[] =>
  readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(place, name)).isFile())
    .sort();
const whole = ['agent/agent.cjs', 'agent/agent.cjs.sha256', 'agent/bundle.json', 'agent/edge.cjs', 'agent/edge.cjs.sha256', 'bin/node'];

describe('the program of agents on this computer', () => {
  it('is copied once, whole, with its rights, and found again by another start', async () => {
    const installed = makeInstallation(resources);
    chmodSync(installed.runtime, 0o555);
    const program = await copyOf(installed).find();
    expect(versions()).toEqual([expect.stringMatching(/^1\.0\.0-[0-9a-f]{8}$/)]);
    const place = join(root, versions()[0] ?? '');
    expect(program).toEqual({ runtime: join(place, 'bin', 'node'), agentBundlePath: join(place, 'agent', 'agent.cjs') });
    expect(filesOf(place)).toEqual(whole);
    expect(readdirSync(root)).toEqual(versions());
    expect(statSync(program.runtime).mode & 0o777).toBe(0o755);
    expect(readFileSync(program.agentBundlePath, 'utf8')).toBe('console.log("agent")');
    const { ino, mtimeMs } = statSync(program.runtime);
    expect(await copyOf(installed).find()).toEqual(program);
    expect(statSync(program.runtime)).toMatchObject({ ino, mtimeMs });
  });

  it.each([
    ['the agent', () => putFile(join(resources, 'agent', 'agent.cjs'), 'console.log("other")')],
    ['the edge', () => putFile(join(resources, 'agent', 'edge.cjs'), 'console.log("other")')],
    ['Node', () => putFile(join(resources, 'runtimes', 'node-linux-x64', 'bin', 'node'), 'FLE')],
  ])('gets another folder when a build of the same version changed %s', async (_what, change) => {
    const installed = makeInstallation(resources);
    const before = await copyOf(installed).find();
    change();
    const after = await copyOf(installed).find();
    expect(after.runtime).not.toBe(before.runtime);
    expect(versions()).toHaveLength(2);
  });

  it('needs the installation no more once it is copied: not after an update of it, nor after its removal', async () => {
    const installed = makeInstallation(resources);
    const { find } = copyOf(installed);
    const before = await find();
    putFile(installed.agentBundlePath, 'console.log("newer")');
    expect(await find()).toEqual(before);
    rmSync(resources, { recursive: true });
    expect(await find()).toEqual(before);
    rmSync(before.agentBundlePath);
    await expect(find()).rejects.toMatchObject({ code: 'PROGRAM_DAMAGED', parameters: { path: installed.agentBundlePath } });
  });

  it.each<[string, (place: string) => void]>([
    ['lacks a file', (place) => rmSync(join(place, 'agent', 'edge.cjs'))],
    ['lacks a folder', (place) => rmSync(join(place, 'bin'), { recursive: true })],
    ['has a file cut short', (place) => writeFileSync(join(place, 'bin', 'node'), 'E')],
    ['has other content of the same size', (place) => writeFileSync(join(place, 'agent', 'agent.cjs'), 'console.log("tnega")')],
    [
      'is empty',
      (place) => {
        for (const name of ['agent', 'bin']) rmSync(join(place, name), { recursive: true });
      },
    ],
    [
      'is a file',
      (place) => {
        rmSync(place, { recursive: true });
        writeFileSync(place, '');
      },
    ],
  ])('is made whole again when the copy %s', async (_how, damage) => {
    const installed = makeInstallation(resources);
    const place = dirname(dirname((await copyOf(installed).find()).runtime));
    damage(place);
    await copyOf(installed).find();
    expect(readdirSync(root)).toEqual([basename(place)]);
    expect(filesOf(place)).toEqual(whole);
    expect(readFileSync(join(place, 'bin', 'node'), 'utf8')).toBe('ELF');
    expect(readFileSync(join(place, 'agent', 'agent.cjs'), 'utf8')).toBe('console.log("agent")');
  });

  it.each<[string, string, (installed: AgentProgram) => void]>([
    ['has an agent of another build', 'agent/agent.cjs', ({ agentBundlePath }) => writeFileSync(agentBundlePath, 'other')],
    ['has no agent', 'agent/agent.cjs', ({ agentBundlePath }) => rmSync(agentBundlePath)],
    ['has no Node', 'runtimes/node-linux-x64/bin/node', ({ runtime }) => rmSync(runtime)],
    ['has a damaged Node', 'runtimes/node-linux-x64/bin/node', ({ runtime }) => writeFileSync(runtime, Buffer.alloc(9_000_000))],
  ])('is refused, with the file named and nothing left, when the installation %s', async (_how, path, damage) => {
    const installed = makeInstallation(resources);
    damage(installed);
    const found = copyOf(installed).find();
    await expect(found).rejects.toMatchObject({ code: 'PROGRAM_DAMAGED', parameters: { path: join(resources, path) } });
    mkdirSync(root, { recursive: true });
    expect(readdirSync(root)).toEqual([]);
  });
});

/** Another program: it copies, says where, and runs what it was given. */
function startCopier(installed: AgentProgram): ChildProcess & { readonly said: () => string } {
  const script = `
    const { createProgramCopy } = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))});
    const { execFileSync } = await import('node:child_process');
    const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
    const { runtime, agentBundlePath } = await createProgramCopy({
      installed: ${JSON.stringify(installed)}, version: '1.0.0', root: ${JSON.stringify(root)},
      foldersInUse: async () => new Set(), clock: { nowMs: () => Date.now() }, log,
    }).find();
    process.stdout.write(runtime + '\\n' + execFileSync(runtime, [agentBundlePath], { encoding: 'utf8' }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '..', '..', '..', '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return Object.assign(child, { said: () => text });
}
const end = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('close', resolve) : resolve(child.exitCode)));

it('is copied by several programs at once: each gets the same whole one, and nothing is left beside it', async () => {
  const installed = makeInstallation(resources, { path: process.execPath });
  const copiers = [1, 2, 3].map(() => startCopier(installed));
  expect(await Promise.all(copiers.map(end))).toEqual([0, 0, 0]);
  const [version = ''] = versions();
  expect(new Set(copiers.map(({ said }) => said()))).toEqual(new Set([`${join(root, version, 'bin', 'node')}\nagent\n`]));
  expect(readdirSync(root)).toEqual([version]);
}, 60_000);

it('is whole or not there at every moment of a copy that is killed, and the next start sweeps what that left', async () => {
  const installed = makeInstallation(resources, { path: process.execPath });
  mkdirSync(root, { recursive: true });
  let cutOff = 0;
  for (const afterMs of [0, 10, 30, 60, 120, 250]) {
    const before = readdirSync(root).length;
    const copier = startCopier(installed);
    const ended = end(copier);
    while (readdirSync(root).length === before && copier.exitCode === null) await delay(1);
    await delay(afterMs);
    copier.kill('SIGKILL');
    await ended;
    for (const version of versions()) {
      expect(filesOf(join(root, version))).toEqual(whole);
      expect(statSync(join(root, version, 'bin', 'node')).size).toBe(statSync(process.execPath).size);
      rmSync(join(root, version), { recursive: true });
    }
    cutOff = readdirSync(root).length;
  }
  expect(cutOff).toBeGreaterThan(1);
  await copyOf(installed).find();
  await expect.poll(() => readdirSync(root)).toEqual(versions());
  expect(versions()).toHaveLength(1);
}, 60_000);

const isRoot = process.getuid?.() === 0;
if (!isRoot)
  process.stderr.write('NOT TESTED: the copy of the agents’ program on a full disk. Only root can mount the small disk that this needs.\n');

it.skipIf(!isRoot)('says which folder a full disk has no room for, leaves nothing there, and is copied when there is room', async () => {
  const installed = makeInstallation(resources, 'x'.repeat(3_000_000));
  mkdirSync(root, { recursive: true });
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', root]);
  try {
    writeFileSync(join(root, '.ballast'), Buffer.alloc(2_000_000));
    await expect(copyOf(installed).find()).rejects.toMatchObject({ code: 'STORE_FULL', parameters: { path: root } });
    expect(readdirSync(root)).toEqual(['.ballast']);
    rmSync(join(root, '.ballast'));
    await copyOf(installed).find();
    expect(readdirSync(root)).toEqual(versions());
    expect(versions()).toHaveLength(1);
  } finally {
    spawnSync('/bin/umount', ['-l', root]);
  }
});

it('is given at once, whatever becomes of sweeping, and what that could not do is logged', async () => {
  const installed = makeInstallation(resources);
  const silent = { foldersInUse: () => new Promise<never>(() => undefined) };
  // The first one sweeps too, beside and perhaps later than the next lines: it must not take away what they make.
  const first = await copyOf(installed, silent).find();
  mkdirSync(join(root, 'old'));
  utimesSync(join(root, 'old'), 0, 0);
  const said: unknown[] = [];
  const loud: Log = { ...log, info: (event, fields) => void said.push({ event, ...fields }) };
  expect(await copyOf(installed, silent).find()).toEqual(first);
  expect(await copyOf(installed, { foldersInUse: () => Promise.reject(new Error('no /proc')), log: loud }).find()).toEqual(first);
  await expect.poll(() => said).toEqual([{ event: 'agent-program.swept', removed: [], kept: ['old'], refusals: ['Error: no /proc'] }]);
  expect(versions()).toContain('old');
});

it('takes itself away when the last agent has gone, however shortly after the start, unless another program wants it or runs from it', async () => {
  const installed = makeInstallation(resources);
  let inUse: readonly string[] = [];
  const ours = copyOf(installed, { foldersInUse: async () => new Set(inUse) });
  await ours.tidy();
  const { runtime } = await ours.find();
  inUse = [dirname(dirname(runtime))];
  await ours.tidy();
  expect(existsSync(runtime)).toBe(true);
  inUse = [];
  await delay(5);
  await copyOf(installed).find();
  await ours.tidy();
  expect(existsSync(runtime)).toBe(true);
  expect(await ours.find()).toMatchObject({ runtime });
  await ours.tidy();
  expect(existsSync(root)).toBe(false);
  expect(await ours.find()).toMatchObject({ runtime });
});
