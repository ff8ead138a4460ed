import { describe, expect, test } from 'vitest';
import type { ServerView } from '#contract/api/servers.ts';
import { serverId } from '#contract/ids.ts';
import { createTranslate } from '#words/translate.ts';
import { fingerprintText, isOldAt, meterSays, sharesOf, systemText } from './server-view.ts';

const words = createTranslate('en', 'UTC');
const GB = 1024 ** 3;
const server: ServerView = {
  id: serverId.parse('019ab000-0000-7000-8000-000000000001'),
  name: 'Hazel',
  address: '203.0.113.27:7443',
  publicAddresses: [],
  httpsPort: 443,
  httpPort: 80,
  isEdgeLocal: false,
  os: 'linux',
  arch: 'x64',
  osVersion: 'Debian 12',
  agentVersion: '0.1.0',
  keyFingerprint: 'd41f09',
  condition: { mark: 'good', code: 'ready', parameters: {}, sinceMs: 0 },
  seenAtMs: 100_000,
  isSimulated: false,
  isDraining: false,
  isIsolated: true,
  capacity: { memoryBytes: 32 * GB, cpuMillicores: 8000, diskBytes: 240 * GB },
  measured: { memoryBytes: 16 * GB, cpuMillicores: 800, diskBytes: 220 * GB },
  promised: { memoryBytes: 24 * GB, cpuMillicores: 4000, diskBytes: 100 * GB },
  room: 4,
  field: 'ggw',
  joinedAtMs: 0,
};

describe('a server on screen', () => {
  test('meters are shares of the capacity, and amber only from the limit on', () => {
    expect(sharesOf(server, 'memory')).toEqual({ now: 0.5, reserved: 0.75, peak: undefined, state: undefined });
    expect(sharesOf(server, 'disk').state).toBe('warning');
    expect(meterSays(words, 'memory', sharesOf(server, 'memory'))).toBe('Memory: 50 % in use, 75 % promised');
  });

  test('a resource that its agent does not measure says so, and the others show what was measured', () => {
    const { memoryBytes: _absent, ...measured } = server.measured ?? {};
    const partly = { ...server, measured };
    expect(sharesOf(partly, 'memory').now).toBeNull();
    expect(sharesOf(partly, 'cpu').now).toBe(sharesOf(server, 'cpu').now);
  });

  test('a server that was never measured says so instead of 0 %', () => {
    const { measured: _measured, ...unmeasured } = server;
    expect(sharesOf(unmeasured, 'cpu').now).toBeNull();
    expect(meterSays(words, 'cpu', sharesOf(unmeasured, 'cpu'))).toBe('Processor: not measured yet, 50 % promised');
  });

  test('an empty capacity divides nothing', () => {
    const none = { ...server, capacity: { memoryBytes: 0, cpuMillicores: 0, diskBytes: 0 } };
    expect(sharesOf(none, 'cpu')).toMatchObject({ now: 0, reserved: 0 });
  });

  test('values grow old', () => {
    expect(isOldAt(server, 110_000)).toBe(false);
    expect(isOldAt(server, 131_000)).toBe(true);
  });

  test('system and key are readable', () => {
    expect(systemText(server)).toBe('Debian 12');
    expect(systemText({ ...server, osVersion: '6.1' })).toBe('Linux 6.1');
    expect(fingerprintText('d41f09')).toBe('d4:1f:09');
  });
});
