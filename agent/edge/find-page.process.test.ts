import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { sha256 } from '#contract/ids.ts';
import { createFindReference } from '../find-reference.ts';
import { eventually } from '../testing/test-agent.ts';
import { edgePaths, readRunning, writeWhole } from './edge-files.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { createTestControl, edgeSource, type TestControl } from './testing/test-control.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
const boris = 'boris.farm.localhost';
let upstream: Upstream;
let wildcard: TestCertificate;
let one: TestControl;
let port = 0;
// Each test starts several processes: a busy machine needs longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  upstream = await startUpstream('anna');
  wildcard = await makeCertificate(['*.farm.localhost']);
});
afterEach(() => one.remove());
afterAll(() => upstream.close());

async function serving(): Promise<void> {
  one = createTestControl();
  ({ httpsPort: port } = await one.control.ensure());
  await one.control.putCertificate(wildcard.certificate, wildcard.keyPem);
  await one.control.putRoute(route(anna, upstream.port));
  await one.control.putRoute({ ...route(boris, upstream.port), state: 'suspended' });
}

/** What a customer reads out on the telephone. */
async function pageOf(host: string, agent?: Agent): Promise<string> {
  const visitor = { port, host, ca: wildcard.certificate.chainPem, ...(agent === undefined ? {} : { agent }) };
  const { status, body } = await visit(visitor);
  expect(status).toBe(503);
  return /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/.exec(body)?.[0] ?? 'none';
}

async function handOver(name: string): Promise<void> {
  const path = join(one.folder, `${name}.ts`);
  writeFileSync(path, `// ${name}\nimport '${edgeSource}';\n`);
  await one.control.upgrade(path, sha256.parse(createHash('sha256').update(readFileSync(path)).digest('hex')));
}

test('the reference on a page leads to instance, time and cause: after the agent is another, after a hand-over, and after both died', async () => {
  await serving();
  await one.control.putRoute(route(anna, 1));
  const references = [await pageOf(anna), await pageOf(boris)];
  const before = Date.now();
  const shown = {
    [anna]: { kind: 'broken', status: 503, host: anna, instanceId: route(anna, 1).instanceId, cause: expect.stringMatching(/refused/i) },
    [boris]: { kind: 'suspended', status: 503, host: boris },
  };
  const foundBy = async (control: TestControl['control']) => {
    const [ofAnna, ofBoris, ofNobody] = await Promise.all([...references, '0000-0000'].map((reference) => control.findPage(reference)));
    expect(ofAnna).toMatchObject({ ...shown[anna], reference: references[0] });
    expect(ofBoris).toMatchObject({ ...shown[boris], reference: references[1] });
    expect(Math.abs((ofAnna?.atMs ?? 0) - before)).toBeLessThan(5000);
    expect(ofNobody).toBeUndefined();
  };
  await foundBy(one.control);
  one.control.close();
  const next = one.again();
  // An agent that has not attached to the edge yet reads its file.
  await foundBy(next);
  await next.ensure();
  await foundBy(next);
  one = { ...one, control: next };
  await handOver('next');
  await foundBy(next);
  const running = readRunning(edgePaths(one.folder));
  process.kill(running?.processId ?? 0, 'SIGKILL');
  await foundBy(next);
  await eventually(
    () => readRunning(edgePaths(one.folder))?.processId,
    (processId) => processId !== undefined && processId !== running?.processId,
    20_000,
  );
  await next.ensure();
  await foundBy(next);
});

test('a page that an edge shows while it drains is found through the one that came after it', async () => {
  await serving();
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await visit({ port, host: anna, ca: wildcard.certificate.chainPem, agent: kept })).status).toBe(200);
  await handOver('next');
  await one.control.putRoute(route(anna, 1));
  const reference = await pageOf(anna, kept);
  expect((await one.control.status()).requestCount).toBe(0);
  kept.destroy();
  await eventually(
    () => one.control.findPage(reference),
    (found) => found !== undefined,
  );
});

test('an edge of earlier days is not asked what it would hang up at; its line in the log leads on', async () => {
  await serving();
  const paths = edgePaths(one.folder);
  const running = readRunning(paths);
  writeWhole(paths.running, JSON.stringify({ ...running, knows: ['hold'] }));
  rmSync(paths.pages, { force: true });
  const line = {
    at: '2026-11-29T10:00:00.000Z',
    event: 'page',
    processId: 7,
    kind: 'broken',
    status: 503,
    host: anna,
    reference: '4F7K-2MQX',
    instanceId: 'i-1',
    cause: 'refused',
  };
  appendFileSync(paths.log, `${JSON.stringify(line)}\n`);
  const later = one.again();
  await later.ensure();
  const find = createFindReference({ edge: later, folders: { home: join(one.folder, '..'), logs: join(one.folder, 'none') } });
  expect(await find('4F7K-2MQX')).toEqual({
    page: {
      kind: 'broken',
      status: 503,
      host: anna,
      reference: '4F7K-2MQX',
      instanceId: 'i-1',
      cause: 'refused',
      atMs: Date.parse(line.at),
    },
    logged: { log: 'edge.log', atMs: Date.parse(line.at), line: JSON.stringify(line) },
  });
  expect((await later.status()).processId).toBe(running?.processId);
});
