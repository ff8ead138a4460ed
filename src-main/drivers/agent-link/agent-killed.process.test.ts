import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { errorOf, makeFarm, makeLinks, stateWhere } from './fixtures/test-farm.ts';

const children = new Set<ChildProcess>();
let folder = '';
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await rm(folder, { recursive: true, force: true });
});

async function startAgent(port: number) {
  const script = join(import.meta.dirname, 'fixtures', 'agent-process.ts');
  const child = spawn(process.execPath, [script, folder, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, ...(JSON.parse(line) as { port: number; code: string; keyFingerprint: string }) };
}

describe('an agent that is frozen', () => {
  it('is told from a network that is cut, and is found again when it goes on', async () => {
    folder = await mkdtemp(join(tmpdir(), 'farm-link-'));
    const farm = await makeFarm();
    const links = makeLinks();
    const agent = await startAgent(0);
    const address = `127.0.0.1:${agent.port}`;
    await links.pair(farm.pairRequest(address, agent.code));
    const link = links.open(farm.identity, { serverId: 'server-1', serverName: 'Oak', address, keyFingerprint: agent.keyFingerprint });
    try {
      await link.ready(10_000);
      agent.child.kill('SIGSTOP');
      // its beats are missing: that alone may be the network
      await stateWhere(link, (state) => state.state === 'waiting' && state.failure.parameters['cause'] === 'timeout');
      // its system still takes connections for it
      const waiting = await stateWhere(
        link,
        (state) => state.state === 'waiting' && state.failure.parameters['cause'] === 'silent',
        15_000,
      );
      expect(waiting).toMatchObject({ failure: { code: 'SERVER_UNREACHABLE', parameters: { server: 'Oak', address } } });
      agent.child.kill('SIGCONT');
      await link.ready(10_000);
    } finally {
      await link.close();
    }
  }, 40_000);
});

describe('an agent that is killed', () => {
  it('is reconnected to when it lives again, with its key, its farm and another boot', async () => {
    folder = await mkdtemp(join(tmpdir(), 'farm-link-'));
    const farm = await makeFarm();
    const links = makeLinks({ beatMs: 2_000 });
    const first = await startAgent(0);
    const address = `127.0.0.1:${first.port}`;
    await links.pair(farm.pairRequest(address, first.code));
    const link = links.open(farm.identity, { serverId: 'server-1', serverName: 'Oak', address, keyFingerprint: first.keyFingerprint });
    try {
      await link.ready(10_000);
      const before = link.state();
      const running = errorOf(link.client.instances.remains({ instanceId: 'anna' }));
      first.child.kill('SIGKILL');
      expect(await running).toMatchObject({ code: 'SERVER_UNREACHABLE', parameters: { cause: 'closed' } });
      const waiting = await stateWhere(link, (state) => state.state === 'waiting' && state.failure.parameters['cause'] === 'refused');
      expect(waiting).toMatchObject({ failure: { code: 'SERVER_UNREACHABLE', parameters: { server: 'Oak', address } } });
      const second = await startAgent(first.port);
      expect(second.keyFingerprint).toBe(first.keyFingerprint);
      await link.ready(10_000);
      const after = link.state();
      if (before.state !== 'connected' || after.state !== 'connected') throw new Error(after.state);
      expect(after.bootId).not.toBe(before.bootId);
    } finally {
      await link.close();
    }
  });
});
