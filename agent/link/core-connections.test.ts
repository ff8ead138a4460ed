import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { os } from '@orpc/server';
import { expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createCoreConnections, type CoreConnectionsOptions } from './core-connections.ts';
import type { CommandContext } from './types.ts';

const clock = {
  after: (delayMs: number, act: () => void) => {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  },
};
type Note = { readonly event: string; readonly fields: Readonly<Record<string, unknown>> };

/** A core's end of a connection to an agent with this router, and what the agent noted. */
async function connected(router: object): Promise<{ peer: WebSocket; said: Note[]; end: () => void }> {
  const said: Note[] = [];
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => void said.push({ event, fields });
  const files = { identity: () => ({ farmId: 'f', serverId: 's', highestEpoch: 1, isConfirmed: true }), code: () => undefined };
  const connections = createCoreConnections({
    ...{ clock, files, router },
    log: { info: note, warn: note, bug: String },
  } as unknown as CoreConnectionsOptions);
  const http = createServer().listen(0, '127.0.0.1');
  const server = new WebSocketServer({ server: http });
  server.on('connection', (socket) => connections.serve(socket, { farmId: 'f', epoch: 1 } as Parameters<typeof connections.serve>[1]));
  await vi.waitFor(() => expect(http.listening).toBe(true));
  const peer = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  await new Promise((done) => peer.once('open', done));
  const end = (): void => {
    connections.end();
    server.close();
    http.close();
  };
  return { peer, said, end };
}

test('of long messages only pieces of packages are read: 2.4 MB of nested values took a third of a second', async () => {
  const heard: string[] = [];
  const echo = (name: string) =>
    os.handler(({ input }: { input: unknown }) => {
      heard.push(`${name} ${JSON.stringify(input).length}`);
      return {};
    });
  const greet = os.handler(({ context }) => (context as unknown as CommandContext).connection.confirm({ epoch: 1, serverId: 's' }));
  const { peer, said, end } = await connected({
    link: { hello: greet },
    packages: { upload: echo('upload') },
    instances: { describe: echo('describe') },
  });
  const call = (u: string, json: unknown): void => peer.send(JSON.stringify({ i: '1', p: { u, b: { json } } }));
  try {
    call('/link/hello', {});
    // As a core says it.
    const core = createORPCClient<{ packages: { upload: (input: object) => Promise<object> } }>(
      new RPCLink({ websocket: peer as unknown as globalThis.WebSocket }),
    );
    await core.packages.upload({ data: 'x'.repeat(1_398_104) });
    call('/instances/describe', { deep: Array.from({ length: 120_000 }, () => ({ a: [0, 1] })) });
    call('/instances/describe', { instanceId: 'anna' });
    await vi.waitFor(() => expect(heard.at(-1)).toMatch(/^describe/), { timeout: 5000 });
    expect(heard.map((one) => one.split(' ')[0])).toEqual(['upload', 'describe']);
    expect(said.filter(({ event }) => event === 'core-message')).toMatchObject([{ fields: { error: expect.stringMatching(/^too long/) } }]);
  } finally {
    end();
  }
});

test('a core that says what is no message without end is told a few times, and counted when it goes', async () => {
  const { peer, said, end } = await connected({});
  try {
    for (let at = 0; at < 2000; at++) peer.send(`{ nonsense ${'x'.repeat(1000)}`);
    await new Promise((done) => peer.send('last', done));
    peer.close();
    await vi.waitFor(() => expect(said.at(-1)?.event).toBe('core-gone'), { timeout: 5000 });
    const told = said.filter(({ event }) => event === 'core-message');
    expect(told).toHaveLength(5);
    for (const { fields } of told) expect(String(fields.error).length).toBeLessThanOrEqual(300);
    expect(said).toContainEqual({ event: 'core-messages', fields: { untold: 1996 } });
  } finally {
    end();
  }
});
