import { describe, expect, test } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { chartSentence, gapMs, newestValue } from './chart-words.ts';
import { createFormat } from './format.ts';

const words = createTranslate('en', 'UTC');
const format = createFormat('en', 'UTC');
const line = (values: (number | null)[], stepMs = 60_000) => ({ values, stepMs, atMs: values.map((_, index) => index * stepMs) });
const says = (values: (number | null)[]) => chartSentence(line(values), words, format, (value) => `${Math.round(value)} ms`);

describe('the sentence of a chart', () => {
  test.each([
    ['nothing measured', [null, null], 'Nothing was measured in this time.'],
    ['one value', [null, 80], 'Steady at 80 ms.'],
    ['little change', [100, 102, 101], 'Steady at 101 ms.'],
    ['zero all the time', [0, 0, 0], 'Steady at 0 ms.'],
    ['a slow growth', [1000, 1010, 1020, 1030], 'Grows: 1000 ms at first, 1030 ms now.'],
    ['up and down', [40, 57, 43], 'Between 40 ms and 57 ms, highest at 00:01.'],
    ['one spike', [80, 82, 79, 400, 81], 'Usually 81 ms. Highest 400 ms at 00:03.'],
  ])('%s', (_, values, expected) => expect(says(values)).toBe(expected));

  test('a hole is said, jitter is not', () => {
    expect(says([80, null, null, null, null, 80])).toBe('Steady at 80 ms. Not measured for 4\u00a0min.');
    expect(says([80, null, 80])).toBe('Steady at 80 ms.');
    expect(gapMs(line([null, null, null, null, 80]))).toBe(0);
    expect(gapMs(line([80, null, null, null, 80], 1000))).toBe(0);
  });

  test('the newest value is the last that was measured', () => {
    expect(newestValue([1, 2, null])).toBe(2);
    expect(newestValue([null])).toBeUndefined();
    expect(newestValue([3, 0])).toBe(0);
  });
});
