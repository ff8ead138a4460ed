import { expect, test } from 'vitest';
import { installTrustedTypes } from './theme-setup.ts';

test('the default policy lets style text through and refuses any tag', () => {
  const made: { name: string; createHTML: (text: string) => string }[] = [];
  installTrustedTypes({
    createPolicy: (name, rules) => {
      made.push({ name, createHTML: rules.createHTML });
      return {};
    },
  });
  const policy = made[0];
  expect(policy?.name).toBe('default');
  expect(policy?.createHTML(':root{--a:1px}')).toBe(':root{--a:1px}');
  expect(() => policy?.createHTML('<img onerror=alert(1)>')).toThrow(TypeError);
});
