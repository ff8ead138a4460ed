import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCode, parseCode } from './pairing.ts';

const keyHash = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
const secret = Uint8Array.of(1, 2, 3, 4, 250);

describe('the code', () => {
  it('is 24 characters in groups of four', () => {
    expect(formatCode(keyHash, secret)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it('is the same text in every release: an agent may be older than its core', () => {
    expect(formatCode(keyHash, secret)).toBe('003G-W58W-4CN3-2E1Z-0410-617T');
  });

  it('comes back as its two parts, whatever they are', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), bytes(5), (hash, random) => {
        const parsed = parseCode(formatCode(hash, random));
        expect(parsed).toEqual({ keyPrefix: hash.slice(0, 10), secret: random });
      }),
    );
  });

  it('may be typed in any case, spacing and look-alike', () => {
    const parsed = parseCode('0110-ABEK-MHPC-TX01-1111-0000');
    for (const typed of [
      '0110abekmhpctx0111110000',
      ' oiLo abek mhpc tx01 ILIL OOOO ',
      '0110–АВЕК–МНРС–ТХ01–1111–ОООО',
      'o11o_abek.mhpc tx01\t1111\n0000',
    ]) {
      expect(parseCode(typed)).toEqual(parsed);
    }
  });

  it('is refused when it has not the form', () => {
    for (const typed of [
      '',
      '0110',
      `${formatCode(keyHash, secret)}0`,
      formatCode(keyHash, secret).replace(/.$/, 'U'),
      '🙂'.repeat(24),
      '-'.repeat(24),
    ]) {
      expect(parseCode(typed)).toBeUndefined();
    }
  });
});
