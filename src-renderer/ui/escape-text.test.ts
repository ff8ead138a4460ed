import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText } from './escape-text.ts';

test.each([
  ['plain, ünïcode, Берёзка, 東京 🌲', 'plain, ünïcode, Берёзка, 東京 🌲'],
  ['\u001b[31mred\u001b[0m', '⟨U+001B⟩[31mred⟨U+001B⟩[0m'],
  ['safe\u202egpj.exe', 'safe⟨U+202E⟩gpj.exe'],
  ['a\u2066b\u2069', 'a⟨U+2066⟩b⟨U+2069⟩'],
  ['a\u200bb\ufeff', 'a⟨U+200B⟩b⟨U+FEFF⟩'],
  ['over\rwritten', 'over⟨U+000D⟩written'],
  ['two\r\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['c1 \u009b31m', 'c1 ⟨U+009B⟩31m'],
  ['tag \u{e0041}', 'tag ⟨U+E0041⟩'],
])('%j', (text, expected) => {
  expect(escapeText(text)).toBe(expected);
});

test('nothing that steers is left of any text, and escaping twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeText(text);
      expect(escaped).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
      expect(escapeText(escaped)).toBe(escaped);
    }),
  );
});
