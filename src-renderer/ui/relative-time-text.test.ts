import { expect, test } from 'vitest';
import { durationText } from './duration-text.ts';
import { exactTimeText, relativeTimeText, textHoldsForMs } from './relative-time-text.ts';

const now = new Date(2026, 10, 12, 14, 32, 0).getTime();
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test.each([
  [-500, 'now'],
  [-12 * SECOND, '12 s ago'],
  [-6 * MINUTE, '6 min ago'],
  [-3 * HOUR, '3 h ago'],
  [-24 * HOUR - 12 * MINUTE, 'yesterday 14:20'],
  [-3 * DAY, '3 days ago'],
  [-31 * DAY, '12 October'],
  [-400 * DAY, '8 October 2025'],
  [41 * DAY, 'in 41 days'],
  [20 * SECOND, 'in 20 s'],
  [DAY, 'tomorrow 14:32'],
])('English, %d ms from now: %s', (offset, text) => {
  expect(plain(relativeTimeText(now + offset, now, 'en'))).toBe(text);
});

test.each([
  [-6 * MINUTE, '6 мин назад'],
  [-24 * HOUR, 'вчера 14:32'],
  [-31 * DAY, '12 октября'],
])('Russian, %d ms from now: %s', (offset, text) => {
  expect(plain(relativeTimeText(now + offset, now, 'ru'))).toBe(text);
});

test('number and unit never part', () => {
  expect(relativeTimeText(now - 12 * SECOND, now, 'en')).toBe('12\u00a0s ago');
});

test('the exact time goes to the second', () => {
  expect(exactTimeText(now + 11 * SECOND, 'en')).toMatch(/12 Nov 2026, 14:32:11/u);
});

test('young ages tick every second, old ones every minute', () => {
  expect([textHoldsForMs(now - SECOND, now), textHoldsForMs(now - HOUR * 2, now)]).toEqual([1000, 60_000]);
});

test.each([
  [0, '0.0 s'],
  [-50, '0.0 s'],
  [11_400, '11.4 s'],
  [59_949, '59.9 s'],
  [59_950, '1 min'],
  [130_000, '2 min 10 s'],
  [3 * HOUR + 5 * MINUTE, '3 h 5 min'],
  [49 * HOUR, '2 d'],
])('a duration of %d ms reads %s', (ms, text) => {
  expect(plain(durationText(ms, 'en'))).toBe(text);
});

test('a duration in Russian', () => {
  expect(plain(durationText(130_000, 'ru'))).toBe('2 мин 10 с');
});
