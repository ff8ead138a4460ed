import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type HeldPort, holdPort } from './held-sockets.ts';

let held: HeldPort | undefined;
afterEach(() => held?.close());

test.each(['127.0.0.1', '::1'])('a port of %s is kept from others until it is let go', async (address) => {
  held = holdPort(address, 0);
  const port = held?.port ?? 0;
  expect(port).toBeGreaterThan(0);
  const other = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  other.bind(port, address);
  expect(await once(other, 'error')).toMatchObject([{ code: 'EADDRINUSE' }]);
  held?.close();
  held?.close();
  other.close();
  const free = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(port, address);
  await once(free, 'listening');
  free.close();
});

test('what listens already is told, by either protocol', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = server.address();
  const port = typeof taken === 'object' ? (taken?.port ?? 0) : 0;
  expect(() => holdPort('127.0.0.1', port)).toThrow('EADDRINUSE');
  server.close();
  held = holdPort('127.0.0.1', 0);
  expect(() => holdPort('127.0.0.1', held?.port ?? 0)).toThrow('EADDRINUSE');
  // Nobody listens yet: whoever is given the socket does.
  const [refusal] = await once(connect(held?.port ?? 0, '127.0.0.1'), 'error');
  expect(refusal).toMatchObject({ code: 'ECONNREFUSED' });
});
