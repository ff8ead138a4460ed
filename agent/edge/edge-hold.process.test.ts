import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Sha256, sha256 } from '#contract/ids.ts';
import { edgePaths, readRunning, writeWhole } from './edge-files.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { createTestControl, edgeSource, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { type Answer, route, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
const id = `instance-of-${anna}`;
let upstream: Upstream;
let wildcard: TestCertificate;
let one: TestControl;
let holder: ChildProcess | undefined;
let socket: WebSocket | undefined;

// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  upstream = await startUpstream('anna');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(async () => {
  holder?.kill('SIGKILL');
  holder = undefined;
  socket?.terminate();
  socket = undefined;
  await one.remove();
});
afterAll(() => upstream.close());

async function serving(): Promise<number> {
  one = createTestControl();
  return begin();
}

async function begin(): Promise<number> {
  const { httpsPort } = await one.control.ensure();
  await one.control.putCertificate(wildcard.certificate, wildcard.keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  return httpsPort;
}

type Held = { readonly answer: Promise<Answer & { readonly tookMs: number }>; isAnswered: boolean };
function ask(port: number, path = '/', method = 'GET'): Held {
  const began = performance.now();
  const held: Held = {
    isAnswered: false,
    answer: visit({ port, host: anna, ca: wildcard.certificate.chainPem, path, method }).then((answer) => {
      held.isAnswered = true;
      return { ...answer, tookMs: performance.now() - began };
    }),
  };
  return held;
}

const untilWaiting = (count: number): Promise<void> =>
  vi.waitFor(async () => expect(await one.control.hold(id, 3000)).toMatchObject({ waiting: count }), { timeout: 5000, interval: 20 });

function openSocket(port: number): Promise<void> {
  const opened = new WebSocket(`wss://127.0.0.1:${port}/socket`, {
    agent: new Agent({ ca: wildcard.certificate.chainPem, servername: anna }),
    headers: { host: `${anna}:${port}` },
  });
  socket = opened;
  return new Promise<void>((done, fail) => {
    opened.once('open', () => done());
    opened.once('error', fail);
  });
}

function anotherBundle(): { readonly path: string; readonly hash: Sha256 } {
  const path = join(one.folder, 'next.ts');
  writeFileSync(path, `// next\nimport '${edgeSource}';\n`);
  return { path, hash: sha256.parse(createHash('sha256').update(readFileSync(path)).digest('hex')) };
}

async function startHolder(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('testing/holder.ts', import.meta.url));
  const child = spawn(process.execPath, [script, one.folder, edgeSource, one.options.agentKey, id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holder = child;
  const said = await new Promise<string>((done, fail) => {
    child.stdout?.once('data', (text: Buffer) => done(text.toString()));
    child.once('exit', () => fail(new Error('the holder ended')));
  });
  expect(JSON.parse(said)).toMatchObject({ isHeld: true });
  return child;
}

/** The edge as it was built for the first agents, which today's agent finds running. */
async function startFirstEdge(): Promise<void> {
  const kept = fileURLToPath(new URL('../../e2e/fixtures/agents/protocol-1/edge.cjs.gz', import.meta.url));
  const bundlePath = join(one.folder, 'first.cjs');
  mkdirSync(one.folder, { recursive: true });
  writeFileSync(bundlePath, gunzipSync(readFileSync(kept)));
  const listen = ['--https', '127.0.0.1:0', '--http', '127.0.0.1:0'];
  const known = ['--folder', one.folder, ...listen, '--version', '0.1.0', '--sha256', 'first', '--pipe-slot', '0'];
  holder = spawn(process.execPath, [bundlePath, ...known], { stdio: ['ignore', 'ignore', 'inherit'] });
  await vi.waitFor(() => expect(readRunning(edgePaths(one.folder))?.processId).toBe(holder?.pid), { timeout: 10_000, interval: 20 });
}

test('a held request waits until it is released, and what is under way is told', async () => {
  const port = await serving();
  const slow = ask(port, '/slow');
  await vi.waitFor(() => expect(upstream.open()).toBe(1));
  expect(await one.control.hold(id, 3000)).toMatchObject({ isHeld: true, isComplete: true, unanswered: 1 });
  const held = ask(port);
  await untilWaiting(1);
  expect((await slow.answer).body).toBe('late');
  await delay(300);
  expect(held.isAnswered).toBe(false);
  expect(await one.control.hold(id, 3000)).toMatchObject({ waiting: 1, unanswered: 0, answering: 0 });
  await one.control.release(id);
  await one.control.release(id);
  expect(await held.answer).toMatchObject({ status: 200, body: 'anna' });
});

test('where only writes are held reads go on; an edge that knows no such hold is asked for a whole one', async () => {
  const port = await serving();
  expect(await one.control.hold(id, 3000, 'nothing')).toMatchObject({ isHeld: true, writing: 0 });
  expect(await one.control.hold(id, 3000, 'writes')).toMatchObject({ isHeld: true, writing: 0 });
  const write = ask(port, '/hash', 'POST');
  await vi.waitFor(async () => expect(await one.control.hold(id, 3000, 'writes')).toMatchObject({ waiting: 1 }));
  expect(await ask(port).answer).toMatchObject({ status: 200, body: 'anna' });
  expect(write.isAnswered).toBe(false);
  await one.control.release(id);
  expect(await write.answer).toMatchObject({ status: 200 });
  const paths = edgePaths(one.folder);
  writeWhole(paths.running, JSON.stringify({ ...readRunning(paths), knows: ['hold'] }));
  const later = one.again();
  await later.ensure();
  expect(await later.hold(id, 3000, 'writes')).toMatchObject({ isHeld: true });
  const read = ask(port);
  await untilWaiting(1);
  await later.release(id);
  expect(await read.answer).toMatchObject({ status: 200 });
});

test('an agent that is killed in the middle of a hold lets everybody go at once', async () => {
  const port = await serving();
  one.control.close();
  const child = await startHolder();
  const held = ask(port);
  await delay(300);
  expect(held.isAnswered).toBe(false);
  child.kill('SIGKILL');
  const killedMs = performance.now();
  expect(await held.answer).toMatchObject({ status: 200, body: 'anna' });
  expect(performance.now() - killedMs).toBeLessThan(1500);
});

test('an agent that hangs in the middle of a hold holds nobody for longer than its lease', async () => {
  const port = await serving();
  one.control.close();
  const child = await startHolder();
  child.kill('SIGSTOP');
  const held = await ask(port).answer;
  expect(held).toMatchObject({ status: 200, body: 'anna' });
  expect(held.tookMs).toBeLessThan(4500);
  expect(held.tookMs).toBeGreaterThan(1500);
});

test('a hold goes on through a hand-over, in both processes, and counts what the old one still has', async () => {
  const port = await serving();
  await openSocket(port);
  const slow = ask(port, '/slow');
  await vi.waitFor(() => expect(upstream.open()).toBe(1));
  expect(await one.control.hold(id, 3000)).toMatchObject({ unanswered: 1, answering: 1 });
  const before = ask(port);
  await untilWaiting(1);
  const bundle = anotherBundle();
  const { processId } = await one.control.status();
  const renewing = setInterval(() => void one.control.hold(id, 3000), 200);
  expect((await one.control.upgrade(bundle.path, bundle.hash)).processId).not.toBe(processId);
  expect((await slow.answer).body).toBe('late');
  const after = ask(port);
  await untilWaiting(2);
  // Longer than a lease: the old process hears of it from the new one.
  await delay(3300);
  clearInterval(renewing);
  expect([before.isAnswered, after.isAnswered]).toEqual([false, false]);
  expect(await one.control.hold(id, 3000)).toMatchObject({ isHeld: true, isComplete: true, waiting: 2, unanswered: 0, answering: 1 });
  await one.control.release(id);
  for (const { answer } of [before, after]) expect(await answer).toMatchObject({ status: 200, body: 'anna' });
});

test('an edge of the first days is not asked: it would hang up. It is said once, and the next one that takes over tells that more may be under way', async () => {
  one = createTestControl();
  await startFirstEdge();
  const port = await begin();
  await openSocket(port);
  expect(await one.control.hold(id, 3000)).toBeUndefined();
  await one.control.release(id);
  expect(await one.control.hold(id, 3000)).toBeUndefined();
  expect(await ask(port).answer).toMatchObject({ status: 200 });
  expect(one.events.filter((event) => event === 'edge-knows-no-hold')).toHaveLength(1);
  expect(one.events).not.toContain('edge-gone');
  const bundle = anotherBundle();
  await one.control.upgrade(bundle.path, bundle.hash);
  expect(await one.control.hold(id, 3000)).toMatchObject({ isHeld: false, isComplete: false });
  expect(await one.control.hold(id, 3000, 'writes')).not.toHaveProperty('writing');
  const held = ask(port);
  await untilWaiting(1);
  await one.control.release(id);
  expect(await held.answer).toMatchObject({ status: 200, body: 'anna' });
});
