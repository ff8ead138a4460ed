import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from '../testing/test-agent.ts';
import { edgePaths, readRunning } from './edge-files.ts';
import { makeCertificate } from './testing/make-certificate.ts';
import { startPoller } from './testing/poller.ts';
import { createTestControl, edgeSource, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
let upstream: Upstream;
let one: TestControl;
// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 });

beforeEach(async () => {
  upstream = await startUpstream('anna');
});
afterEach(async () => {
  await one.remove();
  await upstream.close();
});

type Half = 'main' | 'worker';

/** The real edge with one line more: that half of it does `late` as soon as there is a file `now` in its folder. */
async function servingWith(half: Half, late: string) {
  const before = createTestControl();
  const bundlePath = join(before.folder, '..', 'late.ts');
  writeFileSync(
    bundlePath,
    `import { existsSync, rmSync } from 'node:fs'; import '${edgeSource}';
    const now = ${JSON.stringify(join(before.folder, 'now'))};
    if (process.argv.includes('--worker') === ${String(half === 'worker')}) setInterval(() => { if (existsSync(now)) { rmSync(now); ${late} } }, 20);\n`,
  );
  one = { ...before, control: before.again({ bundlePath }) };
  const { httpsPort, processId, bundleSha256 } = await one.control.ensure();
  expect(bundleSha256).toBe(createHash('sha256').update(readFileSync(bundlePath)).digest('hex'));
  const { certificate, keyPem } = await makeCertificate(['*.farm.localhost']);
  await one.control.putCertificate(certificate, keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  const paths = edgePaths(one.folder);
  const logged = () =>
    readFileSync(paths.log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === 'bug');
  const halves = { main: processId, worker: readRunning(paths)?.workers?.[0]?.processId ?? 0 };
  return { paths, logged, processId, halfId: halves[half], about: { port: httpsPort, host: anna, ca: certificate.chainPem } };
}
const reference = expect.stringMatching(/^[0-9a-f]{10}$/);

test.each<Half>(['main', 'worker'])(
  'a promise that nobody waited for is logged with a reference, and costs no visitor anything (%s)',
  async (half) => {
    const { logged, processId, halfId, about } = await servingWith(half, `void Promise.reject(new Error('lost'));`);
    const poller = startPoller(about, 20, (body) => body === 'anna');
    writeFileSync(join(one.folder, 'now'), '');
    await eventually(
      () => logged(),
      (seen) => seen.length > 0,
    ).catch(() => undefined);
    const { lost, asked } = await poller.stop();
    expect([lost, asked > 0]).toEqual([[], true]);
    expect(logged()).toMatchObject([
      { message: 'lost', reference, caught: 'unhandledRejection', processId: halfId, at: expect.stringContaining('T') },
    ]);
    expect((await one.control.status()).processId).toBe(processId);
  },
);

test('an exception out of nowhere ends it with a coded line and the reference that its log has; the agent starts another', async () => {
  const { logged, paths, processId } = await servingWith('main', `throw new Error('half done');`);
  writeFileSync(join(one.folder, 'now'), '');
  const next = await eventually(
    () => one.control.status().catch(() => undefined),
    (seen) => seen !== undefined && seen.processId !== processId,
    30_000,
  );
  expect(next?.processId).not.toBe(processId);
  expect(logged()).toMatchObject([{ message: 'half done', reference, caught: 'uncaughtException', processId }]);
  expect(JSON.parse(readFileSync(`${paths.log}.out`, 'utf8').trim())).toEqual({
    code: 'INTERNAL',
    parameters: { reference: logged()[0]?.['reference'] },
  });
});

test('in a worker it ends that worker only, and the log has what it said; another one takes its place', async () => {
  const { logged, paths, processId, halfId, about } = await servingWith('worker', `throw new Error('half done');`);
  writeFileSync(join(one.folder, 'now'), '');
  await eventually(
    () => readRunning(paths)?.workers?.[0]?.processId ?? halfId,
    (now) => now !== halfId,
    30_000,
  );
  expect((await visit(about)).body).toBe('anna');
  expect((await one.control.status()).processId).toBe(processId);
  expect(logged()).toMatchObject([{ message: 'half done', reference, caught: 'uncaughtException', processId: halfId }]);
  expect(readFileSync(paths.log, 'utf8')).toContain(`"event":"worker-gone","processId":${halfId},"how":"1 {\\"code\\":\\"INTERNAL\\"`);
});
