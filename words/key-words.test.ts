import { entropyToMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyWords } from './key-words.ts';

const rest = '0'.repeat(53);
const bits = fc.nat({ max: 2 ** 44 - 1 });
const hexadecimal = (value: number): string => value.toString(16).padStart(11, '0');
const fingerprint = fc.stringMatching(/^[0-9a-f]{64}$/);

describe('the words of a key', () => {
  test.each([
    ['0'.repeat(64), 'abandon abandon abandon abandon'],
    ['f'.repeat(64), 'zoo zoo zoo zoo'],
    // The places of the words in the list, 11 bits each: 0, 1, 2 and 2047.
    [`000004017ff${rest}`, 'abandon ability able zoo'],
    // SHA-256 of nothing, by hand.
    ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'together mail awful cradle'],
    ['E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855', 'together mail awful cradle'],
  ])('%s: %s', (hex, words) => expect(keyWords(hex).join(' ')).toBe(words));

  test.each([
    ['nothing', ''],
    ['a digit missing', 'a'.repeat(63)],
    ['a digit too many', 'a'.repeat(65)],
    ['another letter', `g${'a'.repeat(63)}`],
    ['pairs with colons', Array.from({ length: 32 }, () => 'ab').join(':')],
    ['a line end', `${'a'.repeat(64)}\n`],
    ['a sign', `-${'a'.repeat(63)}`],
    ['a fraction', `.${'a'.repeat(63)}`],
  ])('%s is no fingerprint', (_what, text) => expect(() => keyWords(text)).toThrow(RangeError));

  test('are the first eleven digits and nothing else: both ways', () => {
    fc.assert(
      fc.property(bits, fingerprint, (value, other) => {
        const words = keyWords(`${hexadecimal(value)}${other.slice(11)}`);
        expect(words).toHaveLength(4);
        expect(words.reduce((sum, word) => sum * 2048 + wordlist.indexOf(word), 0)).toBe(value);
      }),
    );
  });

  test('are those with which BIP-39 begins the mnemonic of the same bytes', () => {
    fc.assert(
      fc.property(fingerprint, (hex) => {
        const mnemonic = entropyToMnemonic(Buffer.from(hex, 'hex'), [...wordlist]);
        expect(keyWords(hex)).toEqual(mnemonic.split(' ').slice(0, 4));
      }),
    );
  });

  test('one other bit of the 44 is another word', () => {
    fc.assert(
      fc.property(bits, fc.nat({ max: 43 }), (value, place) => {
        const other = Number(BigInt(value) ^ (1n << BigInt(place)));
        const [one, two] = [keyWords(hexadecimal(value) + rest), keyWords(hexadecimal(other) + rest)];
        expect(one.filter((word, index) => word !== two[index])).toHaveLength(1);
      }),
    );
  });

  test('no two words of the list begin with the same four letters, and all are plain letters: easily read out', () => {
    expect(new Set(wordlist.map((word) => word.slice(0, 4))).size).toBe(2048);
    expect(wordlist.filter((word) => !/^[a-z]{3,8}$/.test(word))).toEqual([]);
  });
});
