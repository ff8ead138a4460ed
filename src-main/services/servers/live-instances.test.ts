import { expect, test } from 'vitest';
import type { LiveInstance } from '../../ports/agents.ts';
import { LiveInstances } from './live-instances.ts';

let touched = 0;
/** Counts whoever looks at it. */
const seen = (serverId: string, instanceId: string): LiveInstance =>
  ({
    get serverId() {
      touched += 1;
      return serverId;
    },
    seenAtMs: 0,
    instance: { instanceId },
  }) as unknown as LiveInstance;

test('what is missing in the list of one server, and its own, is found without a look at any other', () => {
  const live = new LiveInstances();
  for (let server = 0; server < 100; server++) for (let at = 0; at < 20; at++) live.set(seen(`s${server}`, `i${server}-${at}`));
  touched = 0;
  for (let server = 0; server < 100; server++) {
    const whole = Array.from({ length: 19 }, (_, at) => ({ instanceId: `i${server}-${at}` }));
    expect(live.missing(`s${server}`, whole)).toEqual([`i${server}-19`]);
    expect(live.of(`s${server}`)).toHaveLength(20);
  }
  expect(touched).toBe(0);
});

test('one that has moved is on its new server only, and one that is gone is nowhere', () => {
  const live = new LiveInstances();
  live.set(seen('oak', 'anna'));
  live.set(seen('oak', 'berta'));
  live.set(seen('elm', 'anna'));
  expect(live.of('oak').map(({ instance }) => instance.instanceId)).toEqual(['berta']);
  expect(live.missing('oak', [])).toEqual(['berta']);
  expect(live.get('anna')?.serverId).toBe('elm');
  expect([live.delete('anna'), live.delete('anna')]).toEqual([true, false]);
  expect([live.get('anna'), live.of('elm'), live.missing('elm', [])]).toEqual([undefined, [], []]);
});
