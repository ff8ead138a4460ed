import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDirectProbe } from './index.ts';

/** A name server that says one thing to every question. */
let socket: Socket;
let port: number;
let rcode: number;
let isAuthoritative: boolean;
beforeEach(async () => {
  socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const answer = Buffer.from(question);
    // RFC 1035 §4.1.1: an answer, with or without authority, and its code
    answer.writeUInt16BE(0x8000 | (isAuthoritative ? 0x0400 : 0) | rcode, 2);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  port = socket.address().port;
});
afterEach(() => new Promise<void>((resolve) => socket.close(resolve)));

const probe = createDirectProbe({ clock: { nowMs: Date.now } });
const visit = () =>
  probe.request({
    url: 'https://anna.farm.test/',
    resolveVia: { servers: [{ address: '127.0.0.1', port }] },
    expect: { status: [200], addresses: ['192.0.2.1'] },
    timeoutMs: 4000,
  });

test.each([
  [2, true, 'SERVFAIL'],
  [5, false, 'REFUSED'],
  [9, false, 'NOTAUTH'],
  [0, false, 'lame'],
  [15, true, 'RCODE 15'],
])('code %i (with authority: %s) is no answer about the name: %s', async (code, authority, reason) => {
  [rcode, isAuthoritative] = [code, authority];
  await expect(visit()).rejects.toMatchObject({ code: 'DNS_REFUSED', parameters: { name: 'anna.farm.test', reason } });
});

test.each([
  [3, 'NXDOMAIN'],
  [0, 'NODATA'],
])('code %i is one: %s', async (code, found) => {
  [rcode, isAuthoritative] = [code, true];
  await expect(visit()).rejects.toMatchObject({ code: 'OUTSIDE_NAME', parameters: { found, expected: '192.0.2.1' } });
});
