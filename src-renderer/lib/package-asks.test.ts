import { expect, test } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { sayAsks } from './package-asks.ts';

test('what a package asks is said in words: each port with what is usually there, and the keys of a cloud', () => {
  const words = createTranslate('en', 'UTC');
  expect(sayAsks(words, { loopbackPorts: [5432, 8125], metadata: true, isAgreed: false })).toEqual([
    'Port 5432 of its server, where PostgreSQL usually is.',
    'Port 8125 of its server.',
    expect.stringContaining('169.254.169.254'),
  ]);
});
