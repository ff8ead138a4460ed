import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { edgeCheckHost, edgeProof, lookOverTls, type TlsLook } from './edge-check.ts';
import { createTestEdge, type TestEdge } from './testing/create-test-edge.ts';
import { makeCertificate } from './testing/make-certificate.ts';
import { visit } from './testing/visitor.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function edgeWith(names: string[]): Promise<TestEdge> {
  const made = await createTestEdge();
  closing.push(made.close);
  if (names.length > 0) made.context.certificates.put(await makeCertificate(names));
  return made;
}
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}
const look = (port: number, change: Partial<Parameters<typeof lookOverTls>[0]> = {}): Promise<TlsLook> =>
  lookOverTls({ address: '127.0.0.1', port, token: 'test', hasCertificate: true, limitMs: 1000, ...change });

test('our edge answers, at loopback too when it listens everywhere, and notes nothing', async () => {
  const { httpsPort, notes, context } = await edgeWith(['*.farm.localhost']);
  expect(await look(httpsPort)).toBe('answers');
  expect(await look(httpsPort, { address: '0.0.0.0' })).toBe('answers');
  expect([notes, context.counters.requests]).toEqual([[], 0]);
});

test('without a certificate it refuses the handshake, and that is an answer; with one it would be none', async () => {
  const { httpsPort } = await edgeWith([]);
  expect(await look(httpsPort, { hasCertificate: false })).toBe('answers');
  expect(await look(httpsPort)).toBe('stranger');
});

test('the proof gives the token away to nobody', async () => {
  const { httpsPort } = await edgeWith([edgeCheckHost]);
  const certificate = await makeCertificate([edgeCheckHost]);
  const other = await edgeWith([]);
  other.context.certificates.put(certificate);
  const answer = await visit({
    port: other.httpsPort,
    host: edgeCheckHost,
    ca: certificate.certificate.chainPem,
    headers: { host: edgeCheckHost },
  });
  expect(answer).toMatchObject({ status: 204, headers: { 'farm-edge': edgeProof('test') }, body: '' });
  expect(edgeProof('test')).not.toContain('test');
  expect(await look(httpsPort, { token: 'another' })).toBe('stranger');
});

test('a stranger with TLS, one without, a silent one, one that closes, and nobody', async () => {
  const made = await makeCertificate(['*.farm.localhost']);
  const tls = createTlsServer({ cert: made.certificate.chainPem, key: made.keyPem }, (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
  );
  expect(await look(await listening(tls))).toBe('stranger');
  const plain = createServer((socket) =>
    socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  expect(await look(await listening(plain))).toBe('stranger');
  const silent = createServer((socket) => closing.push(() => socket.destroy()));
  expect(await look(await listening(silent), { limitMs: 100 })).toBe('timeout');
  expect(await look(await listening(createServer((socket) => socket.destroy())))).toBe('ECONNRESET');
  const gone = createServer();
  const port = await listening(gone);
  await new Promise((resolve) => gone.close(resolve));
  expect(await look(port)).toBe('ECONNREFUSED');
});
