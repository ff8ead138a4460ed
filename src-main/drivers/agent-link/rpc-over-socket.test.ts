import type { AddressInfo } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { WebSocket, WebSocketServer } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentClient } from '../../ports/agent-writes.ts';
import { rpcOverSocket } from './rpc-over-socket.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

/** An agent that answers every request with these texts, `ID` replaced: what another version, or a broken one, might say. */
async function against(...answers: string[]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) =>
    socket.on('message', (text) => {
      const { i } = JSON.parse(String(text));
      for (const answer of answers) socket.send(answer.replace('ID', i));
    }),
  );
  await new Promise((resolve) => server.on('listening', resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await new Promise((resolve) => socket.on('open', resolve));
  undo.push(async () => {
    socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  const broken: unknown[] = [];
  const gone = new AbortController();
  const names = { server: 'Oak', address: 'oak:7443' };
  const client: AgentClient = createORPCClient(rpcOverSocket(socket, names, gone.signal, (error) => broken.push(error)));
  return { client, broken, gone };
}

const answer = (body: unknown, status?: number): string => JSON.stringify({ i: 'ID', p: { s: status, b: { json: body } } });
const edgeStatus = {
  processId: 1,
  startedAtMs: 1,
  version: '1',
  bundleSha256: 'x',
  httpsPort: 1,
  httpPort: 1,
  routeCount: 1,
  certificateCount: 1,
  openConnections: 1,
  requestCount: 1,
};

describe('answers of an agent', () => {
  it('lose the fields that we do not know', async () => {
    const { client } = await against(answer({ ...edgeStatus, mood: 'from the future' }));
    expect(await client.edge.status()).toEqual(edgeStatus);
  });

  it('that are not what the contract says are no answers', async () => {
    const { client } = await against(answer({ ...edgeStatus, httpsPort: 'many' }));
    await expect(client.edge.status()).rejects.toThrow(/expected schema/);
  });

  it('are coded errors with our name for the server, or bugs with a reference', async () => {
    const coded = await against(
      answer({ defined: true, code: 'DISK_FULL', status: 507, message: '', data: { server: '', path: '/x' } }, 507),
    );
    await expect(coded.client.edge.status()).rejects.toMatchObject({ code: 'DISK_FULL', parameters: { server: 'Oak', path: '/x' } });
    const bug = await against(
      answer({ defined: false, code: 'INTERNAL_SERVER_ERROR', status: 500, message: 'x', data: { reference: 'F-1' } }, 500),
    );
    await expect(bug.client.edge.status()).rejects.toThrow('agent Oak: INTERNAL_SERVER_ERROR F-1');
    // A code of ours with parameters that do not fit, or one that we do not know, is no coded error of ours.
    for (const [code, status] of [
      ['DISK_FULL', 507],
      ['FROM_THE_FUTURE', 409],
    ] as const) {
      const odd = await against(answer({ defined: true, code, status, message: '', data: { server: 5 } }, status));
      await expect(odd.client.edge.status()).rejects.toThrow(`agent Oak: ${code}`);
    }
  });

  it('that are broken are told once, and harm nobody who does not wait for them', async () => {
    const { client, broken, gone } = await against('{', 'null', '{"i":"ID","t":3}', '{"i":"77","p":{}}');
    const call = client.edge.status();
    await expect.poll(() => broken.length).toBeGreaterThan(1);
    gone.abort(new Error('the link ended'));
    await expect(call).rejects.toThrow('the link ended');
  });
});
