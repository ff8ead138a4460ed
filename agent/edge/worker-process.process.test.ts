import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { workerProcesses } from './worker-process.ts';

/** What a main process makes of a worker that strangers have taken over. */
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-worker-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function startWorker(script: string) {
  const path = join(folder, 'evil.cjs');
  writeFileSync(path, script);
  const said: unknown[] = [];
  let gone = '';
  const confinement = { state: 'none', before: [], as: undefined } as const;
  const link = workerProcesses({ runtime: process.execPath, flags: [], script: path, folder, confinement })({
    said: (message) => said.push(message),
    gone: (how) => (gone = how),
  });
  const untilGone = () => vi.waitFor(() => expect(gone).not.toBe(''), { timeout: 15_000, interval: 20 });
  return { said, link, gone: () => gone, untilGone, isThere: () => existsSync(`/proc/${link.processId}/exe`) };
}

test('one that gives a socket is ended, and nobody of ours accepts at it', { timeout: 30_000 }, async () => {
  const worker = startWorker(
    `const server = require('node:net').createServer().listen(0, '127.0.0.1', () => { process.send({ port: server.address().port }); process.send({ say: 'take' }, server); });`,
  );
  await worker.untilGone();
  expect(worker.gone()).toBe('gave a socket');
  const [{ port } = { port: 0 }] = worker.said as { port: number }[];
  await vi.waitFor(
    () =>
      expect(
        new Promise((resolve, reject) => {
          connect(port, '127.0.0.1', () => resolve('accepted')).on('error', reject);
        }),
      ).rejects.toMatchObject({ code: 'ECONNREFUSED' }),
    { timeout: 10_000 },
  );
  expect(worker.isThere()).toBe(false);
});

test('what one prints fills no disk: its last words are kept, and no more', { timeout: 30_000 }, async () => {
  const worker = startWorker(
    `process.stdout.write('o'.repeat(1e6)); process.stderr.write('x'.repeat(1e6) + ' the end', () => process.exit(7));`,
  );
  await worker.untilGone();
  expect(worker.gone()).toMatch(/^7 x+ the end$/);
  expect(worker.gone().length).toBeLessThan(2100);
});

test('one that hangs up and goes on is ended', { timeout: 30_000 }, async () => {
  const worker = startWorker('process.disconnect(); setInterval(() => 0, 1000);');
  await worker.untilGone();
  expect(worker.gone()).toBe('SIGKILL');
  expect(worker.isThere()).toBe(false);
});
