import { expect, test } from 'vitest';
import { isPattern, matchesPattern } from './pattern.ts';

test.each(['(a+)+$', '(a|a)*b', '([a-z]+)*[0-9]', '(.*)*x', '(a|aa)+$'])('%s holds nobody up, however long the value is', (pattern) => {
  expect(isPattern(pattern)).toBe(true);
  const before = process.cpuUsage().user;
  expect(matchesPattern(pattern, `${'a'.repeat(4000)}!`)).toBe(false);
  // 28 letters took the engine of JavaScript 8 s; this is 4,000 of them, with room for a slow machine
  expect((process.cpuUsage().user - before) / 1000).toBeLessThan(1000);
});

test.each(['(?=a)', '(?<!a)b', '(a)\\1', '(', '[', 'a{2000}', '((a{100}){100}){100}', '\\p{Nope}'])(
  '%s is refused when a package is read',
  (pattern) => {
    expect(isPattern(pattern)).toBe(false);
  },
);

test.each([
  ['[A-Za-z0-9._@\\-]+', 'anna@farm', true],
  ['[A-Za-z0-9._@\\-]+', 'anna farm', false],
  ['[!-~]+', 'x'.repeat(100), true],
  ['a|b', 'ab', false],
  ['a', 'ba', false],
  ['.', '👍', true],
  ['\\p{L}+', 'Ольга', true],
])('%s takes %j: %s', (pattern, value, isTaken) => {
  expect(matchesPattern(pattern, value)).toBe(isTaken);
});
