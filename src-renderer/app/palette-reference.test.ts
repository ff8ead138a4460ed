import { expect, test } from 'vitest';
import { type ReferenceAnswer, referenceAnswer } from '#contract/api/monitoring.ts';
import { createTranslate } from '#words/translate.ts';
import { referenceItems, typedReference } from './palette-reference.ts';

const server = { id: '01a21200-0000-7000-8000-000000000001', name: 'Oak' };
const answer = (...found: object[]): ReferenceAnswer => referenceAnswer.parse({ reference: '4F7K-2MQX', found, unasked: [] });
const page = { kind: 'broken', status: 503, host: 'anna.farm.test' };

test.each([
  ['en', 'Does not answer'],
  ['ru', 'Не отвечает'],
] as const)('a page leads to its instance, or to its server where the farm has that no more (%s)', (language, note) => {
  const words = createTranslate(language, 'UTC');
  const shown = { source: 'page', atMs: 1, server, page, cause: '' };
  const items = referenceItems(words, answer({ ...shown, instance: { id: 'i', name: 'anna' } }, { ...shown, instance: { id: 'gone' } }));
  expect(items.map(({ text, note: said }) => [text, said])).toEqual([
    ['4F7K-2MQX – anna', note],
    ['4F7K-2MQX – anna.farm.test', note],
  ]);
});

test('a fault of the program that stands at no job has no page to go to', () => {
  const words = createTranslate('en', 'UTC');
  expect(referenceItems(words, answer({ source: 'core', atMs: 1, cause: 'x' }))).toEqual([]);
  const jobId = '01a21200-0000-7000-8000-000000000002';
  expect(referenceItems(words, answer({ source: 'core', atMs: 1, cause: 'x', jobId }))).toMatchObject([
    { text: '4F7K-2MQX', icon: 'list-checks' },
  ]);
});

test('only what looks like a reference is asked for', () => {
  expect(['4F7K-2MQX', '4f7k2mqx', 'f-2c9q41'].map(typedReference)).toEqual(['4F7K-2MQX', '4F7K-2MQX', 'F-2C9Q41']);
  expect(['northern', 'anna', '', 'farm.example.org', '4F7K'].map(typedReference)).toEqual(Array(5).fill(undefined));
});
