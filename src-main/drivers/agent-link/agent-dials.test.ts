import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createORPCClient } from '@orpc/client';
import { type WebSocket, WebSocketServer } from 'ws';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CoreIdentity } from '../../ports/agent-link.ts';
import type { AgentClient } from '../../ports/agent-writes.ts';
import { createPki } from '../pki/create-pki.ts';
import { startTestAgent, type TestAgent } from './fixtures/test-agent.ts';
import { makeFarm, makeLinks, type TestFarm } from './fixtures/test-farm.ts';
import { checkAgent } from './peer-check.ts';
import { rpcOverSocket } from './rpc-over-socket.ts';

let farm: TestFarm;
const undo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  farm = await makeFarm();
});
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

async function joined(): Promise<TestAgent> {
  const agent = await startTestAgent();
  undo.push(agent.dispose);
  await makeLinks().pair(farm.pairRequest(agent.address, agent.code()));
  return agent;
}

/** A core that listens, as a managing server will: its sockets come with the agent's certificate already checked. */
async function listen(agent: TestAgent, own: { keyPem: string; chainPem: string }, port = 0) {
  const sockets: WebSocket[] = [];
  const server = createServer({ key: own.keyPem, cert: own.chainPem, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  const web = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  let requests = 0;
  server.on('tlsClientError', () => {});
  server.on('upgrade', (request, socket: TLSSocket, head) => {
    requests += 1;
    const certificate = socket.getPeerX509Certificate();
    const target = { serverId: 'server-1', keyFingerprint: agent.keyFingerprint };
    if (certificate) checkAgent(certificate, farm.identity, target, Date.now(), { server: 'Oak', address: '' });
    web.handleUpgrade(request, socket, head, (opened) => sockets.push(opened));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  undo.push(close);
  return { port: (server.address() as AddressInfo).port, sockets, requests: () => requests, close };
}

async function helloOver(socket: WebSocket | undefined, identity: CoreIdentity) {
  if (!socket) throw new Error('nobody dialled');
  const gone = new AbortController();
  const client: AgentClient = createORPCClient(rpcOverSocket(socket, { server: 'Oak', address: '' }, gone.signal, () => {}));
  const { farmId, epoch } = identity;
  return client.link.hello({ farmId, serverId: 'server-1', epoch, coreVersion: '1', protocol: 1, nowMs: Date.now() });
}

describe('an agent that dials its core', () => {
  it('speaks the same link, and comes back after a cut and after the core was away', async () => {
    const agent = await joined();
    const core = await listen(agent, farm.identity);
    const dial = agent.dialCore({ host: '127.0.0.1', port: core.port });
    await expect.poll(() => core.sockets.length).toBe(1);
    expect(await helloOver(core.sockets[0], farm.identity)).toMatchObject({ serverId: 'server-1', agentVersion: '1.2.3' });
    core.sockets[0]?.terminate();
    await expect.poll(() => core.sockets.length).toBe(2);
    // the core has its socket before the agent has read the answer
    await expect.poll(() => dial.problem()).toBeUndefined();
    await core.close();
    await expect.poll(() => dial.problem(), { timeout: 5_000 }).toMatch(/ECONNREFUSED/);
    const again = await listen(agent, farm.identity, core.port);
    await expect.poll(() => again.sockets.length, { timeout: 5_000 }).toBe(1);
    await helloOver(again.sockets[0], farm.identity);
    dial.close();
    await expect.poll(() => again.sockets[0]?.readyState).toBe(3);
  });

  it('says nothing to who is no core of its farm, and nothing to one of a lower epoch', async () => {
    const agent = await joined();
    const pki = createPki();
    const site = await pki.makeSiteAuthority(farm.id, 'Farm', ['farm.localhost'], Date.now());
    const strangers = [
      { own: await pki.issueWildcard(site, 'farm.localhost', Date.now()), why: 'stranger' },
      { own: await pki.issueCore(site, farm.id, 1, Date.now()), why: 'stranger' },
      { own: (await makeFarm('0198c0de-0000-7000-8000-00000000000b')).identity, why: 'stranger' },
      { own: await farm.identityOf(0), why: 'epoch' },
    ];
    for (const { own, why } of strangers) {
      const core = await listen(agent, own);
      const dial = agent.dialCore({ host: '127.0.0.1', port: core.port });
      await expect.poll(() => dial.problem()).toBe(why);
      dial.close();
      expect(core.requests()).toBe(0);
    }
  });
});
