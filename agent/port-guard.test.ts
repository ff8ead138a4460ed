import { expect, test } from 'vitest';
import { sha256 } from '#contract/ids.ts';
import type { RuledInstance } from './os/listener.ts';
import { createPortGuard } from './port-guard.ts';
import type { InstanceRecord } from './ports.ts';
import { testSpec } from './testing/applications.ts';
import { memoryLog, rememberingEdge } from './testing/test-agent.ts';

const hash = sha256.parse('0'.repeat(64));

test('the rules open exactly what came with an instance, and nothing to one of an earlier agent or without a user', async () => {
  const record = (id: string, userId: number | undefined, more: Partial<InstanceRecord['spec']> = {}): InstanceRecord => ({
    spec: { ...testSpec(id, 'healthy', { manifestHash: hash, payload: hash }), ...more },
    ...{ packageId: 'test-app', port: 20_000 + (userId ?? 0), userId, wanted: 'running', restarts: 0, setupBegun: [], setupDone: [] },
  });
  const kept: (readonly RuledInstance[])[] = [];
  const guard = createPortGuard({
    rules: { keep: (instances) => Promise.resolve({ isKept: kept.push(instances) > 0 }) as Promise<{ isKept: true }> },
    instances: {
      list: () => [
        record('old', 1),
        record('asking', 2, { network: { loopbackPorts: [5432], metadata: true } }),
        {
          ...record('taken-back', 3, { network: { loopbackPorts: [5432], metadata: true } }),
          allowed: { loopbackPorts: [], metadata: false },
        },
        record('shared', undefined, { network: { loopbackPorts: [5432], metadata: true } }),
      ],
    },
    edge: rememberingEdge(),
    log: memoryLog(),
  });
  await guard.refresh();
  expect(kept).toEqual([
    [
      { port: 20_001, userId: 1, loopbackPorts: [], reachesMetadata: false },
      { port: 20_002, userId: 2, loopbackPorts: [5432], reachesMetadata: true },
      { port: 20_003, userId: 3, loopbackPorts: [], reachesMetadata: false },
    ],
  ]);
  expect(guard.now()).toBe('ruled');
});
