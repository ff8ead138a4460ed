import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInZone, isOwnerName, normalizeDnsName, suffixesOf } from './dns-name.ts';
import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';
import { quoteTxt, unquoteTxt } from './txt-text.ts';

describe('names', () => {
  test.each(['farm.example', '*.farm.example', '_acme-challenge.farm.example', 'xn--mller-kva.example', 'localhost'])(
    '%s may own a record',
    (name) => {
      expect(isOwnerName(name)).toBe(true);
    },
  );
  test.each([
    '',
    '.',
    'a..b',
    '-a.example',
    'a-.example',
    'a*.example',
    'b.*.example',
    'a b.example',
    `${'a'.repeat(64)}.example`,
    'ü.example',
    Array(65).fill('abc').join('.'),
  ])('%s may not', (name) => {
    expect(isOwnerName(name)).toBe(false);
  });
  test('belong to a zone by whole labels', () => {
    expect(isInZone('anna.farm.example', 'farm.example')).toBe(true);
    expect(isInZone('farm.example', 'farm.example')).toBe(true);
    expect(isInZone('notfarm.example', 'farm.example')).toBe(false);
    expect(suffixesOf('a.b.c')).toEqual(['a.b.c', 'b.c', 'c']);
    expect(normalizeDnsName('Anna.Farm.Example.')).toBe('anna.farm.example');
  });
});

describe('addresses', () => {
  // What a library for addresses takes beyond them: octal and hexadecimal octets, fewer of them, a zone, a colon at the end.
  test.each([
    '::1%eth0',
    '1::3:',
    '1:2:3:4:5:6:7:8:',
    ':1::2',
    '::ffff:010.0.0.1',
    '::0x7f.0.0.1',
    '127.1',
    '0x7f.0.0.1',
    '010.0.0.1',
    '2130706433',
    `::${'0'.repeat(60)}`,
    `${'9'.repeat(100_000)}.1.1.1`,
  ])('%.40s is none', (text) => expect([canonicalIpv4(text), canonicalIpv6(text)]).toEqual([undefined, undefined]));

  test('agree with the platform, and have one form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.string({ maxLength: 15 })), (text) => (canonicalIpv4(text) !== undefined) === isIPv4(text)),
    );
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.string({ unit: fc.constantFrom(...'0:1af.'), maxLength: 20 })), (text) => {
        const canonical = canonicalIpv6(text);
        expect(canonical !== undefined).toBe(isIPv6(text));
        if (canonical !== undefined) expect(canonical).toBe(new URL(`http://[${text}]`).hostname.slice(1, -1));
      }),
    );
  });
});

describe('TXT', () => {
  test('comes back from its quoted form', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme', maxLength: 600 }),
          fc.string({ unit: fc.constantFrom('"', '\\', ' ', '1', 'é'), maxLength: 600 }),
        ),
        (text) => {
          expect(unquoteTxt(quoteTxt(text))).toBe(text);
          for (const string of quoteTxt(text).matchAll(/"((?:[^"\\]|\\.)*)"/g))
            expect(string[1]?.replace(/\\\d{3}|\\./g, 'x').length).toBeLessThanOrEqual(255);
        },
      ),
    );
  });
  test.each([
    ['"a" "b"', 'ab'],
    ['bare', 'bare'],
    ['"\\195\\169"', 'é'],
    ['"open', undefined],
  ])('%s reads as %s', (presentation, text) => {
    expect(unquoteTxt(presentation)).toBe(text);
  });
});
