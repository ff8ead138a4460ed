import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, openSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../testing/test-agent.ts';
import type { SpawnRequest } from '../host-os.ts';
import { parseCpuBusyMs, parseMemoryUsed, parseNetwork } from './host.ts';
import { canBecomeUsers } from './identity.ts';
import { createLinuxOs } from './index.ts';
import { listenersIn } from './listener.ts';
import { hasEnded, parseStat, parseUserId } from './proc.ts';

const os = createLinuxOs();
let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farm-os-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  for (const found of os.findMarked(folder).values()) for (const identity of found) await os.killTree(identity);
  rmSync(folder, { recursive: true, force: true });
});

const request = (script: string, change: Partial<SpawnRequest> = {}): SpawnRequest => ({
  program: process.execPath,
  args: ['-e', script],
  folder,
  environment: {},
  user: undefined,
  outPath: join(folder, 'out'),
  errorPath: join(folder, 'error'),
  marker: `${folder}:one`,
  ...change,
});

describe('reading /proc', () => {
  test('a name may hold parentheses and spaces', () => {
    const fields = [
      'S',
      '1',
      '7',
      '9',
      ...Array.from({ length: 7 }, () => '0'),
      '30',
      '12',
      ...Array.from({ length: 4 }, () => '0'),
      '3',
      '0',
      '4242',
      '0',
    ];
    expect(parseStat(`123 (a) b (c)) ${fields.join(' ')}`)).toEqual({
      processId: 123,
      name: 'a) b (c)',
      state: 'S',
      parentId: 1,
      sessionId: 9,
      terminal: 0,
      cpuMs: 420,
      threads: 3,
      startTicks: '4242',
    });
    expect(parseStat('torn')).toBeUndefined();
    const ended = (state: string, threads: number): boolean => {
      const stat = parseStat(`123 (a) ${[state, ...fields.slice(1, 17), threads, ...fields.slice(18)].join(' ')}`);
      return stat === undefined || hasEnded(stat);
    };
    expect([ended('S', 1), ended('Z', 1), ended('X', 1)]).toEqual([false, true, true]);
    // Its first thread has ended, the others have not: what it listened at is still taken.
    expect(ended('Z', 3)).toBe(false);
  });
  test('counters of a text that lacks its line are no number, never zero', () => {
    expect(parseCpuBusyMs('')).toBeNaN();
    // A system without MemAvailable would look full.
    expect(parseMemoryUsed('MemTotal:       1000 kB\nMemFree: 1 kB\n')).toBeNaN();
  });

  test('counters', () => {
    expect(parseCpuBusyMs('cpu  10 1 5 1000 50 2 3 4 99 99\ncpu0 1 1 1 1\n')).toBe(250);
    const table = 'Inter-|\n face |bytes\n    lo: 9 0 0 0 0 0 0 0 9 0\n  eth0: 100 1 0 0 0 0 0 0 200 2\n  eth1:5 1 0 0 0 0 0 0 7 2\n';
    expect(parseNetwork(table)).toEqual({ inBytes: 105, outBytes: 207 });
    expect(parseMemoryUsed('MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\n')).toBe(600 * 1024);
    expect(parseUserId('Name:\tx\nUid:\t70001\t0\t0\t0\n')).toBe(70_001);
  });

  test('only a socket that would take the connection counts as a listener of the port', () => {
    const line = (local: string, state: string, userId: number, inode: number): string =>
      `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  ${userId}        0 ${inode} 1 0 100 0 0 10 0`;
    const table = [
      line('0100007F:4E20', '0A', 70_001, 777),
      line('0100007F:4E20', '01', 70_002, 888),
      line('0100007F:4E21', '0A', 70_002, 889),
      line('0200007F:4E20', '0A', 70_002, 890),
      line('00000000000000000000000000000000:4E20', '0A', 0, 891),
    ].join('\n');
    expect(listenersIn(table, 20_000)).toEqual([
      { isExact: true, userId: 70_001, inode: '777' },
      { isExact: false, userId: 0, inode: '891' },
    ]);
  });

  test('root of a container without rights, or with numbers of its own only, can become nobody else', () => {
    const all = 'CapEff:\t000001ffffffffff\n';
    expect(canBecomeUsers(all, '         0          0 4294967295\n')).toBe(true);
    expect(canBecomeUsers(all, '         0     100000      65536\n')).toBe(false);
    expect(canBecomeUsers('CapEff:\t000001ffffffff7f\n', '         0          0 4294967295\n')).toBe(false);
    expect(canBecomeUsers('', '')).toBe(false);
  });
});

describe('processes', () => {
  test('start with a small environment, outside our session, and tell how they ended', async () => {
    const { identity, exited } = await os.spawnDetached(
      request('console.log(Object.keys(process.env).sort().join()); process.exit(4)', { environment: { MINE: 'x' } }),
    );
    expect(await exited).toEqual({ exitCode: '4' });
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('FARM_PROCESS,HOME,LANG,MINE,PATH\n');
    expect(os.isAlive(identity)).toBe(false);
    await expect(os.spawnDetached(request('', { program: '/nothing' }))).rejects.toMatchObject({
      code: 'NOT_PERMITTED_BY_OS',
      parameters: { what: '/nothing' },
    });
  });

  test('are known by number and start; another start is neither alive nor ended', async () => {
    const { identity } = await os.spawnDetached(request('setInterval(() => 0, 1000)'));
    expect(os.identify(identity.processId)).toEqual(identity);
    const other = { ...identity, startMark: identity.startMark.replace(/\d+$/, '1') };
    expect(os.isAlive(other)).toBe(false);
    await os.killTree(other);
    os.terminate(other);
    await os.killTree({ processId: 1, startMark: identity.startMark });
    expect(os.isAlive(identity)).toBe(true);
    await eventually(
      () => os.usage(identity)?.memoryBytes,
      (bytes) => (bytes ?? 0) > 1e6,
    );
    await os.killTree(identity);
    expect(os.isAlive(identity)).toBe(false);
    expect(os.usage(identity)).toBeUndefined();
  });

  test('are ended with their children, also when the parent is gone already', async () => {
    const script = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' }).unref(); setTimeout(() => process.exit(0), 150)`;
    const { identity, exited } = await os.spawnDetached(request(script));
    await exited;
    expect(os.findMarked(folder).get('one')).toHaveLength(1);
    // The same number after another boot is somebody else's session.
    await os.killTree({ processId: identity.processId, startMark: 'another-boot/1' });
    expect(os.findMarked(folder).get('one')).toHaveLength(1);
    await os.killTree(identity);
    expect(os.findMarked(folder).size).toBe(0);
  });

  test('one that is ended alone leaves what it started, also where it is stopped (SIGSTOP)', async () => {
    const script = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' }); setInterval(() => 0, 1000)`;
    const { identity } = await os.spawnDetached(request(script));
    await eventually(
      () => os.findMarked(folder).get('one')?.length,
      (count) => count === 2,
    );
    await os.killAlone({ ...identity, startMark: 'another-boot/1' });
    expect(os.isAlive(identity)).toBe(true);
    process.kill(identity.processId, 'SIGSTOP');
    await os.killAlone(identity);
    expect(os.isAlive(identity)).toBe(false);
    expect(os.findMarked(folder).get('one')).toHaveLength(1);
    await os.killTree(identity);
    expect(os.findMarked(folder).size).toBe(0);
  });

  test('a session that is not marked as ours is left alone when its leader is gone', async () => {
    const script = `const c = require('node:child_process').spawn('sleep', ['5'], { stdio: 'ignore' }); console.log(c.pid); c.unref(); setTimeout(() => process.exit(0), 150)`;
    const leader = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'], env: {} });
    let text = '';
    leader.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    const mark = os.identify(leader.pid ?? 0)?.startMark ?? '';
    await new Promise((resolve) => leader.once('exit', resolve));
    const child = os.identify(Number(text));
    await os.killTree({ processId: leader.pid ?? 0, startMark: mark });
    expect(child !== undefined && os.isAlive(child)).toBe(true);
    if (child !== undefined) await os.killTree(child);
  });

  test('the owner of a port has a name, also when one of its lower descriptors closes while we look', async () => {
    const gap = openSync('/dev/null', 'r');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    // The listing of our own descriptors takes the free number, and is closed again before it is read.
    closeSync(gap);
    const { port } = server.address() as { port: number };
    expect(os.portOwner(port)).toContain('node');
    server.close();
    await eventually(
      () => os.portOwner(port),
      (owner) => owner === '',
    );
  });
});

test('users are given once, and folders are closed without following links', async () => {
  const first = os.newUser(new Set(), 'seed');
  const second = os.newUser(new Set([first.userId]), 'seed');
  expect(second.userId).not.toBe(first.userId);
  mkdirSync(join(folder, 'real'), { mode: 0o755 });
  symlinkSync('real', join(folder, 'link'));
  await expect(os.closeFolder(join(folder, 'link'), undefined)).rejects.toMatchObject({ code: 'NOT_PERMITTED_BY_OS' });
  expect(statSync(join(folder, 'real')).mode & 0o777).toBe(0o755);
  await os.closeFolder(join(folder, 'real'), undefined);
  expect(statSync(join(folder, 'real')).mode & 0o777).toBe(0o700);
  if (process.getuid?.() === 0)
    expect(os.isolation([join(folder, 'real')])).toEqual({ state: 'refused', reason: 'closedPath', path: join(folder, 'real') });
  else expect(os.isolation([folder])).toEqual({ state: 'shared', reason: 'notRoot' });
});

test('a pipe path is short enough however long the home is', () => {
  expect(os.pipePath('/home', 'edge')).toBe('/home/edge.sock');
  expect(Buffer.byteLength(os.pipePath(`/${'long'.repeat(60)}`, 'edge'))).toBeLessThan(108);
});
