import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ScriptedUpstream, startScripted } from '../testing/scripted-upstream.ts';
import { usualUpstreamLimits } from './limits.ts';
import { type Failure, UpstreamConnection, type UpstreamTask } from './upstream-connection.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';
let upstream: ScriptedUpstream;
afterEach(() => upstream.close());

const task = (end: (what: string | Failure) => void): UpstreamTask => ({
  onInterim: () => undefined,
  onHead: () => undefined,
  onBody: () => true,
  onEnd: () => end('whole'),
  onFailure: end,
  onDrain: () => undefined,
});

/** A connection that has been used once, and the upstream's side of it. */
async function used(host: string): Promise<{ connection: UpstreamConnection; peer: Socket }> {
  let peer: Socket | undefined;
  upstream = await startScripted(({ socket }) => socket.write(good), { host, onConnection: (socket) => (peer = socket) });
  const connection = new UpstreamConnection(upstream, usualUpstreamLimits, { onFree: () => undefined, onGone: () => undefined });
  const first = await new Promise((done) => connection.ask(task(done), 'GET / HTTP/1.1\r\n\r\n', { isHead: false, isWhole: true }));
  expect(first).toBe('whole');
  await delay(5);
  if (peer === undefined) throw new Error('no peer');
  return { connection, peer };
}

const askAgain = (connection: UpstreamConnection): Promise<string | Failure> =>
  new Promise((done) => connection.ask(task(done), 'POST / HTTP/1.1\r\n\r\n', { isHead: false, isWhole: true }));

test.each(['127.0.0.1', '::1'])('%s: what comes after a close is proven not to have been taken', async (host) => {
  const { connection, peer } = await used(host);
  // In the same turn: its end is on the way, and nobody here knows it.
  peer.destroy();
  expect(await askAgain(connection)).toMatchObject({ kind: 'closed', taken: 'none' });
});

test.each(['127.0.0.1', '::1'])('%s: what comes to one that only stopped writing may have been taken', async (host) => {
  const { connection, peer } = await used(host);
  peer.end();
  expect(await askAgain(connection)).toMatchObject({ kind: 'closed', taken: 'unknown' });
  expect(upstream.heard).toHaveLength(2);
});

test.each(['127.0.0.1', '::1'])('%s: after a reset nobody knows', async (host) => {
  const { connection, peer } = await used(host);
  const asked = askAgain(connection);
  peer.removeAllListeners('data');
  peer.once('data', () => peer.resetAndDestroy());
  expect(await asked).toMatchObject({ kind: 'closed', cause: 'ECONNRESET', taken: 'unknown' });
});
