import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, afterAll, expect, test, vi } from 'vitest';
import { sha256 } from '#contract/ids.ts';
import { readRunning, edgePaths, routePath, certificatePath } from './edge-files.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { createTestControl, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';

let upstream: Upstream;
let wildcard: TestCertificate;
const made: TestControl[] = [];

function control(changes: Parameters<typeof createTestControl>[0] = {}): TestControl {
  const one = createTestControl(changes);
  made.push(one);
  return one;
}

// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  upstream = await startUpstream('anna');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(async () => {
  for (const one of made.splice(0)) await one.remove();
});
afterAll(() => upstream.close());

const anna = 'anna.farm.localhost';
const ask = (port: number, host = anna): ReturnType<typeof visit> => visit({ port, host, ca: wildcard.certificate.chainPem });

test('starts, serves, is adopted by the next agent, and stops without a trace', async () => {
  const { control: edge, folder, again, options } = control();
  const first = await edge.ensure();
  expect(first).toMatchObject({ version: '1.0.0-test', routeCount: 0, certificateCount: 0 });
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  await edge.putRoute(route(anna, upstream.port));
  expect(await ask(first.httpsPort)).toMatchObject({ status: 200, body: 'anna' });

  edge.close();
  const next = again();
  expect((await next.ensure()).processId).toBe(first.processId);
  expect(await next.routes()).toEqual([route(anna, upstream.port)]);
  expect(await next.certificates()).toEqual([wildcard.certificate]);
  expect(await next.status()).toMatchObject({ routeCount: 1, certificateCount: 1, requestCount: 1 });
  await next.removeRoute(anna);
  await next.removeRoute(anna);
  expect((await ask(first.httpsPort)).status).toBe(404);
  await next.removeCertificate(wildcard.certificate.certificateId);
  expect(await next.certificates()).toEqual([]);
  await next.stop();
  await next.stop();
  // Nobody starts it by asking, or by removing what is not there.
  await next.removeRoute(anna);
  await next.removeCertificate('none');
  await expect(next.status()).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  expect(options.os.isAlive({ processId: first.processId, startMark: 'x' })).toBe(false);
  expect(options.os.identify(first.processId)).toBeUndefined();
  expect(readdirSync(join(folder, '..')).filter((name) => name.endsWith('.sock'))).toEqual([]);
});

test('an edge whose agent died before it ran is waited for by the next agent, not joined by a second that finds the port taken', async () => {
  const { control: edge, again, options } = control();
  const marked = () => options.os.findMarked(`edge-${options.agentKey}`).get('edge') ?? [];
  // That agent is as good as dead: nobody asks what comes of it.
  const left = edge.ensure().catch(() => undefined);
  await vi.waitFor(() => expect(marked()).toHaveLength(1), { timeout: 10_000, interval: 5 });
  const [orphan] = marked();
  const status = await again().ensure();
  expect([status.processId, status.listeners?.https.isListening]).toEqual([orphan?.processId, true]);
  await left;
  expect(marked()).toHaveLength(1);
});

test('keeps every file of its own closed to others', async () => {
  const { control: edge, folder } = control();
  await edge.ensure();
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  const paths = edgePaths(folder);
  // With a user of their own workers read what is the group's; see edge-user.process.test.ts.
  const hasUser = edge.user() !== undefined;
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  for (const path of [certificatePath(paths, wildcard.certificate.certificateId), routePath(paths, anna)])
    expect(modeOf(path), path).toBe(hasUser ? 0o640 : 0o600);
  for (const path of [paths.running, paths.log, readRunning(paths)?.pipe ?? '']) expect(modeOf(path), path).toBe(0o600);
  for (const path of [paths.routes, paths.certificates]) expect(modeOf(path), path).toBe(hasUser ? 0o750 : 0o700);
  expect(modeOf(paths.folder)).toBe(hasUser ? 0o710 : 0o700);
});

test('a killed edge is started again on the same ports, with its routes and certificates', async () => {
  const { control: edge, events } = control();
  const first = await edge.ensure();
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  process.kill(first.processId, 'SIGKILL');
  // A worker of the dead one may still serve until it hears of that.
  const second = await vi.waitFor(
    async () => {
      const status = await edge.status();
      expect(status.processId).not.toBe(first.processId);
      return status;
    },
    { timeout: 20_000, interval: 50 },
  );
  expect((await ask(first.httpsPort)).body).toBe('anna');
  expect(second.httpsPort).toBe(first.httpsPort);
  expect(events).toContain('edge-gone');
});

test('what an agent wrote before it died is read by the edge that starts next', async () => {
  const { control: edge, folder, again } = control();
  const first = await edge.ensure();
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  // What an edge is writing at this moment is not the agent's to clear away.
  writeFileSync(join(folder, '.new-running.json-half'), '{"processId":');
  await edge.ensure();
  expect(readdirSync(folder)).toContain('.new-running.json-half');
  edge.close();
  // The agent was killed between the file and the word; the edge died too.
  writeFileSync(routePath(edgePaths(folder), anna), JSON.stringify(route(anna, upstream.port)));
  writeFileSync(join(folder, 'routes', '.new-half'), '{"host":');
  process.kill(first.processId, 'SIGKILL');
  // Its worker ends when it hears of that; until then it may take a visitor along.
  await delay(500);
  const next = again();
  const second = await next.ensure();
  expect((await ask(second.httpsPort)).body).toBe('anna');
  expect(readdirSync(join(folder, 'routes'))).toEqual([`at-${anna}.json`]);
  expect(readdirSync(folder).filter((name) => name.startsWith('.new-'))).toEqual([]);
});

test('a torn route file leaves the others alone, and the next write mends it', async () => {
  const { control: edge, folder } = control();
  const first = await edge.ensure();
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  await edge.putRoute(route('bert.farm.localhost', upstream.port));
  truncateSync(routePath(edgePaths(folder), 'bert.farm.localhost'), 20);
  process.kill(first.processId, 'SIGKILL');
  const second = await vi.waitFor(
    async () => {
      const status = await edge.ensure();
      expect(status.processId).not.toBe(first.processId);
      return status;
    },
    { timeout: 20_000 },
  );
  expect(second.routeCount).toBe(1);
  expect((await ask(second.httpsPort)).body).toBe('anna');
  expect((await edge.routes()).map(({ host }) => host)).toEqual([anna]);
  expect(readFileSync(edgePaths(folder).log, 'utf8')).toContain('"torn"');
  await edge.putRoute(route('bert.farm.localhost', upstream.port));
  expect((await ask(second.httpsPort, 'bert.farm.localhost')).status).toBe(200);
});

/** A foreign program on a port of loopback. */
async function squat(port = 0): Promise<{ readonly port: number; readonly leave: () => Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, leave: () => new Promise((resolve) => server.close(() => resolve())) };
}

test('a port that is taken is told, does not end the edge, and is taken when it is free', async () => {
  const foreign = await squat();
  const { control: edge } = control({ https: { host: '127.0.0.1', port: foreign.port } });
  const first = await edge.ensure();
  expect(first).toMatchObject({
    httpsPort: foreign.port,
    listeners: {
      https: { address: '127.0.0.1', port: foreign.port, isListening: false, problem: 'EADDRINUSE' },
      http: { isListening: true, problem: '' },
    },
  });
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  await foreign.leave();
  await vi.waitFor(async () => expect((await ask(foreign.port)).body).toBe('anna'), { timeout: 20_000, interval: 100 });
  const { processId, listeners } = await edge.status();
  expect(processId).toBe(first.processId);
  expect(listeners?.https).toMatchObject({ isListening: true, problem: '' });
});

test('a foreign program on the HTTP port does not keep a killed edge off HTTPS, and the redirect comes when the port is free', async () => {
  const { control: edge } = control();
  const first = await edge.ensure();
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  // Only a port that was asked for is waited for: where it is left to the system another one does.
  edge.close();
  const again = made[0]?.again({ http: { host: '127.0.0.1', port: first.httpPort } });
  if (again === undefined) throw new Error('no control');
  await again.ensure();
  process.kill(first.processId, 'SIGKILL');
  const foreign = await vi.waitFor(() => squat(first.httpPort), { timeout: 5000, interval: 5 });
  await vi.waitFor(async () => expect((await ask(first.httpsPort)).body).toBe('anna'), { timeout: 20_000, interval: 50 });
  expect((await again.status()).listeners).toMatchObject({
    https: { port: first.httpsPort, isListening: true },
    http: { port: first.httpPort, isListening: false, problem: 'EADDRINUSE' },
  });
  await foreign.leave();
  await vi.waitFor(async () => expect((await again.status()).listeners?.http.isListening).toBe(true), { timeout: 20_000, interval: 100 });
});

test('a silent edge is replaced', async () => {
  const { control: edge, again, options } = control();
  const first = await edge.ensure();
  edge.close();
  // Its pipe leads nowhere any more: nobody could ever tell it anything.
  const { pipe } = readRunning(edgePaths(options.folder)) ?? { pipe: '' };
  renameSync(pipe, `${pipe}.away`);
  const second = await again().ensure();
  expect(second.processId).not.toBe(first.processId);
  expect(second.httpsPort).toBe(first.httpsPort);
});

test('a host that is no name makes no file', async () => {
  const { control: edge, folder } = control();
  await edge.ensure();
  for (const host of ['../etc/passwd', 'Anna.farm', 'a b', '', 'a..b', 'x'.repeat(254)])
    await expect(edge.putRoute(route(host, 1)), host).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
  expect(readdirSync(join(folder, 'routes'))).toEqual([]);
});

test('a bundle that is not the one that was meant is refused, and one that does not start changes nothing', async () => {
  const { control: edge, folder } = control();
  const first = await edge.ensure();
  await edge.putCertificate(wildcard.certificate, wildcard.keyPem);
  await edge.putRoute(route(anna, upstream.port));
  const broken = join(folder, 'broken.cjs');
  const contents = 'process.exit(3)';
  writeFileSync(broken, contents);
  await expect(edge.upgrade(broken, sha256.parse('0'.repeat(64)))).rejects.toMatchObject({ code: 'PAYLOAD_HASH_WRONG' });
  const hash = sha256.parse(createHash('sha256').update(contents).digest('hex'));
  await expect(edge.upgrade(broken, hash)).rejects.toMatchObject({ code: 'APPLICATION_DIED' });
  expect((await edge.status()).processId).toBe(first.processId);
  expect((await ask(first.httpsPort)).body).toBe('anna');
});
