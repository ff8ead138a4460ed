import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EdgeStatus } from '#contract/agent/edge.ts';
import { FarmError } from '#contract/errors.ts';
import { bringEdgeAlong } from './bring-edge-along.ts';

let folder = '';
let bundle = '';
const log = { info: vi.fn(), warn: vi.fn(), bug: vi.fn(() => 'reference') };
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const status = (bundleSha256: string): EdgeStatus => ({
  processId: 7,
  startedAtMs: 1,
  version: '1',
  bundleSha256,
  httpsPort: 443,
  httpPort: 80,
  routeCount: 0,
  certificateCount: 0,
  openConnections: 0,
  requestCount: 0,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-along-'));
  bundle = join(folder, 'edge.cjs');
  writeFileSync(bundle, 'new');
  vi.clearAllMocks();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('hands over only to another bundle', async () => {
  const upgrade = vi.fn(async (_path: string, hash: string) => status(hash));
  expect(await bringEdgeAlong({ status: async () => status(hashOf('new')), upgrade }, bundle, log)).toBe(false);
  expect(upgrade).not.toHaveBeenCalled();
  expect(await bringEdgeAlong({ status: async () => status(hashOf('old')), upgrade }, bundle, log)).toBe(true);
  expect(upgrade).toHaveBeenCalledWith(bundle, hashOf('new'));
});

it('lets the old edge go on when the new one cannot take over, or the bundle is not there', async () => {
  const upgrade = vi.fn(async () => {
    throw new FarmError('APPLICATION_DIED', { name: 'edge', exitCode: '1', lastLine: '' });
  });
  expect(await bringEdgeAlong({ status: async () => status(hashOf('old')), upgrade }, bundle, log)).toBe(false);
  expect(log.warn).toHaveBeenCalledWith('edge.upgrade', expect.objectContaining({ code: 'APPLICATION_DIED' }));
  expect(await bringEdgeAlong({ status: async () => status(hashOf('old')), upgrade }, join(folder, 'none'), log)).toBe(false);
  expect(log.bug).toHaveBeenCalledTimes(1);
});
