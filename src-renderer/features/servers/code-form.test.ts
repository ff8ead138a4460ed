import { describe, expect, test } from 'vitest';
import { codeFormOf, groupedCode, isAddress } from './code-form.ts';

const whole = '7KQ4-MX2P-0000-1111-AAAA-ZZZZ';

describe('a pairing code while it is typed', () => {
  test.each([
    ['', { kind: 'empty' }],
    ['  - ', { kind: 'empty' }],
    ['7KQ4', { kind: 'short', missing: 20 }],
    [whole, { kind: 'whole' }],
    [whole.toLowerCase().replaceAll('-', ' '), { kind: 'whole' }],
    [`${whole}2`, { kind: 'long', extra: 1 }],
    ['7KU4', { kind: 'wrong', character: 'U' }],
    ['7KQ4Я', { kind: 'wrong', character: 'Я' }],
    // Typed in the Russian layout, and with letters that look like digits.
    ['АВЕК-oIl0', { kind: 'short', missing: 16 }],
  ])('%s', (typed, form) => expect(codeFormOf(typed)).toEqual(form));

  test('groups grow at the end, and a pasted code is grouped', () => {
    expect(groupedCode('7kq4m', '7KQ4')).toBe('7KQ4-M');
    expect(groupedCode('7KQ4', '7KQ4-')).toBe('7KQ4');
    expect(groupedCode('7KQ4-MX', '7KQ4-M')).toBe('7KQ4-MX');
    expect(groupedCode('X7KQ4', '7KQ4')).toBe('X7KQ4');
    expect(groupedCode(whole.replaceAll('-', '').toLowerCase(), '')).toBe(whole);
    expect(groupedCode('7K?', '7K')).toBe('7K?');
  });
});

test.each([
  ['oak.example', true],
  ['oak.example:7444', true],
  ['203.0.113.9', true],
  ['[2001:db8::1]:7443', true],
  ['2001:db8::1', true],
  ['https://oak.example/', true],
  ['берёза.рф', true],
  ['', false],
  ['oak example', false],
  ['oak:99999', false],
  ['oak:port', false],
  ['-oak', false],
  ['::::', false],
  ['2001:db8::1::2', false],
  ['[oak]:7443', false],
  ['[2001:db8:]', false],
])('the address %s', (typed, isGood) => expect(isAddress(typed)).toBe(isGood));
