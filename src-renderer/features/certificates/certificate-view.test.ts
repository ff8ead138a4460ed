import { describe, expect, test } from 'vitest';
import type { CertificateView } from '#contract/api/certificates.ts';
import { certificateId } from '#contract/ids.ts';
import { createTranslate } from '#words/translate.ts';
import { daysLeft, fingerprintText, inOrder, leftText, nameOf, stateText, timelineOf, alertOf } from './certificate-view.ts';

const words = createTranslate('en', 'UTC');
const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 12);
const certificate = (days: number, change: Partial<CertificateView> = {}): CertificateView => ({
  id: certificateId.parse(`019ab000-0000-7000-8000-${String(Math.round(Math.abs(days) * 10)).padStart(12, '0')}`),
  names: ['*.farm.example'],
  kind: 'test-wildcard',
  condition: { mark: 'good', code: 'valid', parameters: {} },
  issuer: 'Site authority',
  notBeforeMs: now - 30 * DAY,
  notAfterMs: now + days * DAY,
  fingerprintSha256: 'ab01',
  keyKind: 'ECDSA P-256',
  serialNumber: '1',
  servers: [],
  isPubliclyTrusted: false,
  ...change,
});

describe('a certificate on screen', () => {
  test.each([
    [71, '71 days'],
    [1, '1 day'],
    [0.5, '0 days'],
    [335, '11 months'],
    [3650, '9 years'],
    [-3, 'ended'],
    [0, 'ended'],
  ])('%d days left is said as %s', (days, text) => expect(leftText(words, certificate(days), now)).toBe(text));

  test('days are whole, and end at the end', () => {
    expect(daysLeft(certificate(1.9), now)).toBe(1);
    expect(daysLeft(certificate(-0.5), now)).toBe(-1);
  });

  test('names, states, fingerprint', () => {
    expect(nameOf(words, certificate(9))).toBe('*.farm.example');
    expect(nameOf(words, certificate(9, { kind: 'site-authority' }))).toBe('Site authority');
    const soon = certificate(6, { condition: { mark: 'warning', code: 'ends-soon', parameters: {} } });
    expect(stateText(words, soon, now)).toBe('Ends in 6 days');
    expect(fingerprintText('ab:01')).toBe('AB:01');
    expect(alertOf([certificate(90), soon])).toBe(soon);
    expect(alertOf([certificate(90)])).toBeUndefined();
    expect(inOrder([certificate(90), soon])[0]).toBe(soon);
  });

  test('the timeline holds every near end, and long ones run out of it', () => {
    const { bars, today, months, toMs } = timelineOf([certificate(71), certificate(3650)], now);
    expect(bars[0]?.to).toBeLessThan(1);
    expect(bars[1]).toMatchObject({ to: 1, isBeyond: true });
    expect(today).toBeGreaterThan(0);
    expect(months.length).toBeLessThanOrEqual(8);
    expect(toMs).toBeGreaterThan(now + 100 * DAY);
  });

  test('without certificates there is still a drawing', () => expect(timelineOf([], now).bars).toEqual([]));
});
