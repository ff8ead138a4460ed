import { describe, expect, test } from 'vitest';
import { commonNameOf } from './diagnostic-path.ts';

describe('the issuer of a certificate', () => {
  test('is called as people know it', () => {
    expect(commonNameOf('CN=Farmstead test sites Demo farm')).toBe('Farmstead test sites Demo farm');
    expect(commonNameOf("C=US, O=Let's Encrypt, CN=R11")).toBe('R11');
  });

  test('is told whole where it has no name', () => {
    expect(commonNameOf('C=DE, O=Example')).toBe('C=DE, O=Example');
  });
});
