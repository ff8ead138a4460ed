import { expect, test } from 'vitest';
import { changeWords } from './say-change.ts';
import { hasWords } from './translate.ts';

test('what is not known for certain is said with its doubt, where it has words for that', () => {
  const [title, says] = ['jobs.change.certificate-in.title', 'jobs.change.certificate-in.says'];
  expect(changeWords(hasWords, { code: 'certificate-in', isCertain: true })).toEqual({ title, says });
  expect(changeWords(hasWords, { code: 'certificate-in', isCertain: false })).toEqual({ title, says: 'jobs.change.certificate-in.unsure' });
  expect(changeWords(hasWords, { code: 'server-out', isCertain: false }).says).toBe('jobs.change.server-out.says');
});

test('a code of a newer core has no words', () => {
  expect(changeWords(hasWords, { code: 'moon-in', isCertain: false })).toEqual({ title: undefined, says: undefined });
});
