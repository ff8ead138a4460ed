import { expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { createTranslate } from '#words/translate.ts';
import { mergeJobs } from './jobs-list.ts';
import { chosenOf, placementOf } from './placement-of.ts';

const en = createTranslate('en', 'UTC');
const option = {
  serverId: 's',
  serverName: 'Larch',
  verdict: 'best',
  reason: { code: 'best', resource: 'memory', freePercent: 41, unmeasuredCount: 0, package: 'there' },
};
const withPlacement = (placement: unknown): JobView => ({ placement }) as JobView;

test.each([[[option]], [{ candidates: [option] }]])('the sentences of a stored placement', (placement) => {
  const said = placementOf(en, withPlacement(placement));
  expect(said[0]?.says).toContain('41');
  expect(chosenOf(withPlacement(placement), said)?.serverName).toBe('Larch');
});

test.each([
  [undefined],
  ['text'],
  [[1, null, {}]],
  [[{ ...option, verdict: 'great' }]],
  [[{ ...option, reason: { code: 'moon' } }]],
  [[{ ...option, reason: { code: 'best' } }]],
])('what an older or newer version stored is left out: %j', (placement) => {
  expect(placementOf(en, withPlacement(placement))).toEqual([]);
});

test('live jobs win over older ones, newest first', () => {
  const job = (id: string, createdAtMs: number, state: string): JobView => ({ id, createdAtMs, state }) as JobView;
  const merged = mergeJobs([job('a', 1, 'done')], [job('a', 1, 'running'), job('b', 2, 'done')]);
  expect(merged.map((entry) => `${entry.id} ${entry.state}`)).toEqual(['b done', 'a done']);
});
