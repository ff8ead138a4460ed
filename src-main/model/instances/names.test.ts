import { domainToASCII, domainToUnicode } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePunycode, encodePunycode } from './names-punycode.ts';
import { checkLabel, nameError, proposeLabel } from './names.ts';

describe('checkLabel', () => {
  test.each([
    ['anna', 'anna'],
    ['Anna', 'anna'],
    ['  anna ', 'anna'],
    ['a', 'a'],
    ['3m', '3m'],
    ['mueller-soehne', 'mueller-soehne'],
    ['a'.repeat(63), 'a'.repeat(63)],
    ['xn--mller-kva', 'xn--mller-kva'],
    ['xn--80aaa0b', 'xn--80aaa0b'],
  ])('%s is fine', (text, label) => {
    expect(checkLabel(text)).toEqual({ isOk: true, label });
  });

  test.each([
    ['', 'empty', undefined],
    ['   ', 'empty', undefined],
    ['a'.repeat(64), 'tooLong', 'a'.repeat(63)],
    ['anna.berg', 'characters', 'anna-berg'],
    ['anna berg', 'characters', 'anna-berg'],
    ['_acme-challenge', 'characters', undefined],
    ['anna_b', 'characters', 'anna-b'],
    ['<script>', 'characters', 'script'],
    ['-anna', 'hyphen', 'anna'],
    ['anna-', 'hyphen', 'anna'],
    ['ab--cd', 'hyphen', 'ab-cd'],
    ['Анна', 'idn', 'anna'],
    ['müller', 'idn', 'mueller'],
    ['山田', 'idn', 'shantian'],
    ['𒀀𒀀', 'idn', undefined],
    ['ء', 'idn', undefined],
    ['Müller & Söhne', 'characters', 'mueller-soehne'],
    ['xn--', 'hyphen', 'xn'],
    ['xn--a', 'idn', 'xn-a'],
    ['xn--anna-', 'hyphen', 'xn-anna'],
    ['xn--99999999999', 'idn', 'xn-99999999999'],
    ['an\u202ena', 'characters', 'an-na'],
  ])('%s is refused: %s', (text, reason, suggestion) => {
    expect(checkLabel(text)).toEqual({ isOk: false, code: 'NAME_INVALID', reason, suggestion });
  });

  test.each(['www', 'WWW', 'mail', 'ns1', 'ns27', 'admin', 'api', 'edge', 'agent', 'farm', 'autodiscover', 'wpad', 'mta-sts'])(
    '%s is reserved',
    (text) => {
      const check = checkLabel(text);
      expect(check).toEqual({ isOk: false, code: 'NAME_RESERVED', suggestion: undefined });
      if (!check.isOk) expect(nameError(text, check)).toMatchObject({ code: 'NAME_RESERVED', parameters: { name: text } });
    },
  );

  test('a refusal becomes the coded error', () => {
    const check = checkLabel('𒀀𒀀');
    expect(check.isOk).toBe(false);
    if (!check.isOk)
      expect(nameError('𒀀𒀀', check)).toMatchObject({ code: 'NAME_INVALID', parameters: { name: '𒀀𒀀', reason: 'idn', proposal: '' } });
    const vera = checkLabel('Вера');
    if (!vera.isOk) expect(nameError('Вера', vera)).toMatchObject({ parameters: { name: 'Вера', reason: 'script', proposal: 'vera' } });
    const trap = checkLabel('xn--a');
    if (!trap.isOk) expect(nameError('xn--a', trap)).toMatchObject({ parameters: { reason: 'hyphen', proposal: 'xn-a' } });
  });
});

describe('proposeLabel', () => {
  const nothingTaken = (): boolean => false;
  test.each([
    ['Анна', 'anna'],
    ['Müller & Söhne', 'mueller-soehne'],
    ['ООО «Щука и Ёж»', 'ooo-shchuka-i-ezh'],
    ['Подъездная улица, 5', 'podezdnaya-ulitsa-5'],
    ['България', 'balgariya'],
    ['Олексій Гриценко', 'oleksiy-hrytsenko'],
    ['Свiтлана', 'svitlana'],
    ['Ђорђе Њушић', 'djordje-njushic'],
    ['Ελευθερία', 'eleftheria'],
    ['Πρωτεϊνη', 'proteini'],
    ['Γιάννης Παπαδόπουλος', 'giannis-papadopoulos'],
    ["O'Brien & Sons Ltd.", 'obrien-sons-ltd'],
    ['Łódź Ærø Straße', 'lodz-aeroe-strasse'],
    ['Çelik Şahin İnşaat', 'celik-sahin-insaat'],
    ['Nguyễn Thị Hồng', 'nguyen-thi-hong'],
    ['ＦＵＬＬ　ｗｉｄｔｈ', 'full-width'],
    ['admin', 'admin-2'],
    // A mark is an accent in our own scripts and a vowel in others.
    ['Ǿrsted ἡ Ὀδύσσεια', 'oersted-i-odysseia'],
    ['გიორგი ბერიძე', 'giorgi-beridze'],
    ['Արմեն Պետրոսյան', 'armen-petrosyan'],
    ['山田 太郎', 'shantian-tailang'],
    ['さくらラーメン', 'sakuraramen'],
    ['홍길동', 'honggildong'],
    ['สมชาย ใจดี', 'smchay-aichdi'],
    ['محمد علي', 'mhmd-aly'],
    ['أحمد الخالد', 'ahmd-alkhald'],
    ['אברהם', 'avrhm'],
    ['עומר כהן', 'vmr-khhn'],
    ['नमस्ते', 'nmste'],
    ['ቤተልሔም', 'betelhem'],
    ['日本 Anna', 'riben-anna'],
    ['कैफ़े ½', 'kaiphe-1-2'],
  ])('%s → %s', (name, label) => {
    expect(proposeLabel(name, nothingTaken)).toBe(label);
  });

  test.each(['', '!!!', '🙂', '𒀀𒀀', 'Anna 𒀀', 'ء', '々'])('%s has no proposal', (name) => {
    expect(proposeLabel(name, nothingTaken)).toBeUndefined();
  });

  test('numbers what is taken', () => {
    const taken = new Set(['anna', 'anna-2', 'anna-3']);
    expect(proposeLabel('Анна', (label) => taken.has(label))).toBe('anna-4');
    const long = 'a'.repeat(63);
    expect(proposeLabel(long, (label) => label === long)).toBe(`${'a'.repeat(61)}-2`);
  });

  test('cuts long names between words', () => {
    const name = 'Gesellschaft für ordentliche Verwaltung landwirtschaftlicher Genossenschaften';
    expect(proposeLabel(name, nothingTaken)).toBe('gesellschaft-fuer-ordentliche-verwaltung-landwirtschaftlicher');
  });

  // A letter of each, with its marks: from the first to the last of the script's main block.
  test.each([
    ['Greek', 0x391, 0x3c9],
    ['Cyrillic', 0x410, 0x44f],
    ['Armenian', 0x531, 0x556],
    ['Hebrew', 0x5d0, 0x5ea],
    ['Arabic', 0x621, 0x63a],
    ['Thaana', 0x780, 0x7a5],
    ['Devanagari', 0x904, 0x939],
    ['Thai', 0xe01, 0xe2e],
    ['Georgian', 0x10d0, 0x10f0],
    ['Hangul', 0xac00, 0xd7a3],
    ['Kana', 0x3041, 0x30fa],
    ['Han', 0x4e00, 0x9fa5],
  ])('every name in %s letters has a proposal of at most 63 octets', (_, first, last) => {
    const letter = fc
      .integer({ min: first, max: last })
      .map((codePoint) => String.fromCodePoint(codePoint))
      .filter((text) => /^\p{L}$/u.test(text));
    fc.assert(
      fc.property(fc.array(letter, { minLength: 2, maxLength: 100 }), (letters) => {
        // One letter may be no more than an apostrophe.
        const label = proposeLabel(`${letters.join('')} a`, nothingTaken);
        expect(label).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  const anyName = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(..."аАбщъьЄїѓ αυΰς äÖß-_.'a1Z ") }),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  test('whatever the name, a proposal is a valid and free label', () => {
    fc.assert(
      fc.property(anyName, fc.nat({ max: 20 }), (name, takenCount) => {
        const asked: string[] = [];
        const label = proposeLabel(name, (candidate) => asked.push(candidate) <= takenCount);
        if (label === undefined) {
          expect(asked).toEqual([]);
          return;
        }
        expect(checkLabel(label)).toEqual({ isOk: true, label });
        expect(new Set(asked).size).toBe(asked.length);
        expect(asked.at(-1)).toBe(label);
      }),
    );
  });

  test('whatever is typed, what is accepted is a host label, and what is suggested is accepted', () => {
    fc.assert(
      fc.property(anyName, (text) => {
        const check = checkLabel(text);
        if (check.isOk) {
          expect(check.label).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
          expect(checkLabel(check.label)).toEqual(check);
        } else if (check.suggestion !== undefined) {
          expect(checkLabel(check.suggestion)).toEqual({ isOk: true, label: check.suggestion });
        }
      }),
    );
  });
});

describe('Punycode', () => {
  test('agrees with the platform', () => {
    for (const text of ['müller', 'анна', 'ελλάδα', '日本語', 'bücher-und-ähnliches', 'אבג']) {
      expect(`xn--${encodePunycode(text)}`).toBe(domainToASCII(text));
      expect(decodePunycode(encodePunycode(text))).toBe(domainToUnicode(domainToASCII(text)));
    }
  });
  test('comes back from any text, and any text can be tried', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 30 }).filter((s) => s !== '' && /[^\p{ASCII}]/u.test(s)),
        (text) => {
          expect(decodePunycode(encodePunycode(text))).toBe(text);
        },
      ),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{0,59}$/), (text) => {
        const decoded = decodePunycode(text);
        if (decoded !== undefined) expect([...decoded].every((c) => (c.codePointAt(0) ?? 0) <= 0x10ffff)).toBe(true);
      }),
    );
  });
});
