import { describe, expect, test } from 'vitest';
import type { AgentLogLine } from '#contract/agent/instances.ts';
import { inOrder } from './instance-log.ts';
import { beginning, newSince, placeAfter, placeOf, placeText } from './log-place.ts';

const line = (text: string, atMs: number, stream: AgentLogLine['stream'] = 'out'): AgentLogLine => ({ atMs, stream, text });
const texts = (lines: readonly { readonly text: string }[]): string[] => lines.map(({ text }) => text);
const told = [line('one', 1), line('two', 2), line('note', 3, 'agent'), line('three', 4), line('four', 5)];

describe('the place of a reader in a log', () => {
  test('is found again by what was told last, in each stream', () => {
    const place = placeAfter(beginning, told);
    expect(texts(newSince(place, [...told, line('five', 6), line('oops', 7, 'error')]))).toEqual(['five', 'oops']);
    expect(newSince(place, told)).toEqual([]);
  });

  test('is found where lines have moved in time, and where the same is written again and again', () => {
    const beat = (atMs: number) => line('GET /health', atMs);
    const place = placeAfter(beginning, [beat(10_000), beat(20_000), beat(30_000), beat(40_000)]);
    const again = [10_400, 20_400, 30_400, 40_400, 50_400, 60_400].map(beat);
    expect(newSince(place, again).map(({ atMs }) => atMs)).toEqual([50_400, 60_400]);
  });

  test('is lost where the log was shortened: then all that is there is new', () => {
    expect(texts(newSince(placeAfter(beginning, told), [line('eight', 20), line('nine', 21)]))).toEqual(['eight', 'nine']);
  });

  test('moves with every line, and with none stays', () => {
    const step = told.reduce((place, one) => placeAfter(place, [one]), beginning);
    expect(step).toEqual(placeAfter(beginning, told));
    expect(placeAfter(step, [])).toEqual(step);
  });

  test('is the id of an event and comes back as it was; another text is no place', () => {
    const place = { ...placeAfter(beginning, told), auditId: '0191d4c0-0000-7000-8000-000000000001' };
    expect(placeOf(placeText(place))).toEqual(place);
    expect(placeOf(placeText(beginning))).toEqual(beginning);
    expect(placeText(place)).toMatch(/^[a-z0-9._-]+$/);
    for (const text of [undefined, '', '17', 'a_b', '0:1:2:3']) expect(placeOf(text), String(text)).toBeUndefined();
  });
});

test('lines of all streams stand in the order of time, those of one stream in their own', () => {
  const farm = (text: string, atMs: number) => ({ atMs, stream: 'farm' as const, text });
  const lines = [line('a', 5), line('clock set back', 2), line('b', 9), farm('begun', 4), farm('done', 9), line('note', 6, 'agent')];
  expect(texts(inOrder(lines))).toEqual(['begun', 'a', 'clock set back', 'note', 'b', 'done']);
  expect(inOrder([])).toEqual([]);
});
