import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAgent } from '../../ports/local-agents.ts';
import type { Log } from '../../ports/request.ts';
import { agentKeyOf, readAddress } from './agent-home.ts';
import { createLocalAgents } from './index.ts';
import { createProcessTable } from './process-table.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const agentBundlePath = join(root, 'agent', 'main.ts');
const program = { find: async () => ({ agentBundlePath, runtime: process.execPath }), tidy: async () => undefined };
const clock = { nowMs: () => Date.now(), after: () => () => undefined };
const log: Log = { info: () => undefined, warn: () => undefined, bug: () => '' };
const create = (): ReturnType<typeof createLocalAgents> =>
  createLocalAgents({ program, isSupported: true, clock, log, place, patience: { codeMs: 500, endMs: 1500 } });
const processes = createProcessTable();

const place = join(tmpdir(), `farm-place-${process.pid}`);
let folder = '';
let agent: LocalAgent;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farm-local-'));
  const from = 20_000 + Math.floor(Math.random() * 9000);
  const [linkPort = 0, httpsPort = 0, httpPort = 0] = await create().freePorts([from, from + 1, from + 2], []);
  const simulated = { memoryBytes: 2 ** 32, cpuMillicores: 2000, diskBytes: 2 ** 34 };
  agent = { name: 'Alder', home: join(folder, 'agents', 'alder'), linkPort, httpsPort, httpPort, simulated };
});
afterEach(async () => {
  const left = await create().remove(agent);
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

/** A process like one of an instance: it carries the mark and does not end when it is asked. */
async function startMarked(mark: string): Promise<number> {
  const script = "process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', script], {
    env: { FARM_PROCESS: mark },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child.pid ?? 0;
}
const isThere = (processId: number): boolean =>
  existsSync(`/proc/${processId}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));

describe('a local agent', () => {
  it('is started once, shows a code, is adopted by another program, and comes back after kill -9', async () => {
    const local = create();
    await Promise.all([local.ensure(agent), local.ensure(agent)]);
    const first = await readAddress(agent.home);
    expect(first).toMatchObject({ linkPort: agent.linkPort, httpsPort: agent.httpsPort, httpPort: agent.httpPort });
    expect(await local.pairingCode(agent)).toMatch(/^([0-9A-Z]{4}-?){6}$/i);
    expect(existsSync(join(agent.home, 'start-error.txt'))).toBe(false);
    await create().ensure(agent);
    expect((await readAddress(agent.home))?.processId).toBe(first?.processId);
    process.kill(first?.processId ?? Number.NaN, 'SIGKILL');
    await expect.poll(() => first !== undefined && processes.isAlive(first)).toBe(false);
    await local.ensure(agent);
    const second = await readAddress(agent.home);
    expect(second?.processId).not.toBe(first?.processId);
    expect(second !== undefined && processes.isAlive(second)).toBe(true);
  });

  it('outlives the program that started it', async () => {
    const driver = join(import.meta.dirname, 'index.ts');
    const script = `
      const { createLocalAgents } = await import(${JSON.stringify(driver)});
      const log = { info() {}, warn() {}, bug: () => '' };
      const clock = { nowMs: Date.now, after: () => () => {} };
      const program = { find: async () => ({ agentBundlePath: ${JSON.stringify(agentBundlePath)}, runtime: process.execPath }), tidy: async () => undefined };
      await createLocalAgents({ program, isSupported: true, clock, log, place: ${JSON.stringify(place)} }).ensure(${JSON.stringify(agent)});
      process.kill(process.pid, 'SIGKILL');`;
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' });
    expect(ended.signal, ended.stderr).toBe('SIGKILL');
    const address = await readAddress(agent.home);
    expect(address !== undefined && processes.isAlive(address)).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'of root in a folder of one person has its instances where their users may pass, and takes them away with itself',
    async () => {
      const local = create();
      await local.ensure(agent);
      const mine = join(place, agentKeyOf(agent.home));
      expect(readdirSync(mine).toSorted()).toEqual(['instances', 'packages', 'runtime']);
      expect(statSync(agent.home).mode & 0o777).toBe(0o700);
      expect(existsSync(join(agent.home, 'instances'))).toBe(false);
      const log = readFileSync(join(agent.home, 'logs', 'agent.log'), 'utf8');
      expect(JSON.parse(log.split('\n').find((line) => line.includes('agent.starting')) ?? '{}')).toMatchObject({
        isolation: { state: 'own' },
      });
      expect(await local.remove(agent)).toEqual([]);
      expect(existsSync(place)).toBe(false);
    },
  );

  it('of an AppImage knows nothing of the mount, which goes away before it', async () => {
    const { PATH: path = '' } = process.env;
    Object.assign(process.env, { APPDIR: '/tmp/.mount_FarmstAbC', PATH: `/tmp/.mount_FarmstAbC:/tmp/.mount_FarmstAbC/usr/sbin:${path}` });
    try {
      await create().ensure(agent);
    } finally {
      delete process.env.APPDIR;
      process.env.PATH = path;
    }
    const { processId = 0 } = (await readAddress(agent.home)) ?? {};
    const environment = readFileSync(`/proc/${processId}/environ`, 'utf8').split('\0');
    expect(environment).toContain(`PATH=${path}`);
    expect(environment.filter((entry) => entry.includes('.mount_'))).toEqual([]);
  });

  it('tells that its port is taken, and nothing of it runs then', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(agent.linkPort, '127.0.0.1', resolve));
    try {
      await expect(create().ensure(agent)).rejects.toMatchObject({ code: 'PORT_TAKEN', parameters: { port: agent.linkPort } });
      expect(processes.findMarked([`agent-${agentKeyOf(agent.home)}:`])).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('runs although a port for visitors is taken, and tells which and who has it, until it has it', async () => {
    const local = create();
    for (const kind of ['httpsPort', 'httpPort'] as const) {
      const server = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.listen(agent[kind], '127.0.0.1', resolve));
      await local.ensure(agent);
      expect(await local.takenPort(agent)).toEqual({ port: agent[kind], owner: 'node' });
      await new Promise((resolve) => server.close(resolve));
      await expect.poll(() => local.takenPort(agent), { timeout: 20_000, interval: 200 }).toBeUndefined();
      await local.remove(agent);
    }
  }, 60_000);

  it('leaves nothing when it is removed after it was killed: no instance, no edge, no folder', async () => {
    const local = create();
    await local.ensure(agent);
    const { processId = 0 } = (await readAddress(agent.home)) ?? {};
    const key = agentKeyOf(agent.home);
    const marked = [await startMarked(`${key}:some-instance`), await startMarked(`edge-${key}:edge`)];
    const stranger = await startMarked('0123456789abcdef:some-instance');
    process.kill(processId, 'SIGKILL');
    expect(await local.remove(agent)).toEqual([]);
    expect([processId, ...marked].filter(isThere)).toEqual([]);
    expect(isThere(stranger)).toBe(true);
    expect(existsSync(join(folder, 'agents'))).toBe(false);
    expect(await local.remove(agent)).toEqual([]);
  });

  it('is made anew for a code when it had joined and nobody knows of it', async () => {
    const local = create();
    await local.ensure(agent);
    const before = await readAddress(agent.home);
    // As a join leaves it: the code is gone. The stand-in keeps the agent from writing another one.
    process.kill(before?.processId ?? Number.NaN, 'SIGSTOP');
    rmSync(join(agent.home, 'pairing-code.json'));
    writeFileSync(join(agent.home, 'of-before'), '');
    expect(await local.pairingCode(agent)).not.toBe('');
    expect(existsSync(join(agent.home, 'of-before'))).toBe(false);
  }, 60_000);
});

describe('a process number', () => {
  it('that another process has by now is never ended for an agent', async () => {
    const stranger = await startMarked('0123456789abcdef:some-instance');
    const torn = { processId: stranger, startMark: 'some-boot/1', linkPort: 1, httpsPort: 2, httpPort: 3 };
    mkdirSync(agent.home, { recursive: true });
    writeFileSync(join(agent.home, 'agent.json'), JSON.stringify(torn));
    expect(await create().remove(agent)).toEqual([]);
    expect(isThere(stranger)).toBe(true);
  });
});

it('gives free ports: none twice, none taken, none where something listens', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  try {
    const ports = await create().freePorts([port, port, port], [port + 1]);
    expect(new Set(ports).size).toBe(3);
    for (const one of ports) expect(one).toBeGreaterThan(port + 1);
  } finally {
    server.close();
  }
});
