import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { AgentLink } from '../ports/agent-link.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createFollowServer } from './follow-server.ts';

const log = { info: () => undefined, warn: () => undefined, bug: () => 'F-1' };

test('following ends with its signal, also when it comes while facts are being taken in', async () => {
  const control = new AbortController();
  const broken = (): Promise<never> => Promise.reject(new Error('not today'));
  const client = {
    servers: { facts: async () => ({}), watch: broken },
    instances: { watch: broken },
    monitoring: { measuredSince: broken, watchMeasured: broken, since: broken, watch: broken },
  };
  const follow = createFollowServer({ clock: createManualClock(), log, random: () => 0.5 });
  const onFacts = vi.fn(async () => {
    control.abort();
    await delay(1);
  });
  const events = {
    onFacts,
    onInstances: vi.fn(),
    onSigns: vi.fn(),
    onMeasured: vi.fn(async () => undefined),
    onPart: vi.fn(),
    newestSampleMs: async () => 0,
  };
  const following = follow({ client } as unknown as AgentLink, control.signal, events);
  expect(await Promise.race([following.then(() => 'ended'), delay(500, 'hangs')])).toBe('ended');
  expect(onFacts).toHaveBeenCalledTimes(1);
});
