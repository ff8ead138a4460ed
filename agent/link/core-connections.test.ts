import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createCoreConnections, type CoreConnectionsOptions } from './core-connections.ts';

test('a core that says what is no message without end is told a few times, and counted when it goes', async () => {
  const said: { event: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => void said.push({ event, fields });
  const clock = {
    after: (delayMs: number, act: () => void) => {
      const timer = setTimeout(act, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const connections = createCoreConnections({
    clock,
    log: { info: note, warn: note, bug: String },
    router: {},
  } as unknown as CoreConnectionsOptions);
  const http = createServer().listen(0, '127.0.0.1');
  const server = new WebSocketServer({ server: http });
  server.on('connection', (socket) => connections.serve(socket, { farmId: 'f', epoch: 1 } as Parameters<typeof connections.serve>[1]));
  try {
    await vi.waitFor(() => expect(http.listening).toBe(true));
    const peer = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    await new Promise((done) => peer.once('open', done));
    for (let at = 0; at < 2000; at++) peer.send(`{ nonsense ${'x'.repeat(1000)}`);
    await new Promise((done) => peer.send('last', done));
    peer.close();
    await vi.waitFor(() => expect(said.at(-1)?.event).toBe('core-gone'), { timeout: 5000 });
    const told = said.filter(({ event }) => event === 'core-message');
    expect(told).toHaveLength(5);
    for (const { fields } of told) expect(String(fields.error).length).toBeLessThanOrEqual(300);
    expect(said).toContainEqual({ event: 'core-messages', fields: { untold: 1996 } });
  } finally {
    connections.end();
    server.close();
    http.close();
  }
});
