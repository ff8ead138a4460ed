import { describe, expect, test } from 'vitest';
import { createSpeedometer, isWorthALook, mayBeFull, shrunkSince, type Walked } from './disk-growth.ts';

const mebibyte = 2 ** 20;
const walked = (diskBytes: number, freeBytes = 1000): Walked => ({ diskBytes, freeBytes: freeBytes * mebibyte, atMs: 0, written: 0 });

test.each([
  ['nothing was written', 50, 0, 0, false],
  ['little, far from its end', 50, 20, 20, false],
  ['much, far from its end', 50, 32, 0, true],
  ['little, but as much as is left', 95, 6, 0, true],
  ['it has passed its end, and writes next to nothing', 120, 0.5, 0, false],
  ['the disk lost much, and nobody wrote it', 10, 0, 90, true],
  ['the disk lost a little, near its end', 95, 0, 16, true],
])('is it worth a look: %s', (_what, has, written, shrunk, isWorth) => {
  const [endBytes, ...rest] = [100, written, shrunk].map((megabytes) => megabytes * mebibyte);
  expect(isWorthALook(walked(has * mebibyte), endBytes ?? 0, rest[0] ?? 0, rest[1] ?? 0)).toBe(isWorth);
});

test('who may be full is who had so much that what the disk lost would fill it', () => {
  const before = walked(60 * mebibyte);
  expect([39, 40].map((lost) => mayBeFull(before, 100 * mebibyte, lost * mebibyte))).toEqual([false, true]);
  expect(mayBeFull(walked(120 * mebibyte), 100 * mebibyte, 0)).toBe(false);
});

test('room that somebody gives back does not hide what another takes', () => {
  const before = walked(0, 500);
  expect(shrunkSince(before, 900 * mebibyte)).toBe(0);
  expect(shrunkSince(before, 700 * mebibyte)).toBe(200 * mebibyte);
  expect(shrunkSince(before, undefined)).toBe(0);
});

describe('how fast the disk fills', () => {
  test.each([
    ['first look', [1000], false],
    ['a twentieth of a second, two megabytes', [1000, 998], true],
    ['little', [1000, 999.9], false],
    ['it gets emptier', [1000, 1100], false],
    ['it was fast just now', [1000, 990, 990, 990], true],
    ['it was fast two seconds ago', [1000, 990, ...Array.from({ length: 40 }, () => 990)], false],
  ])('%s', (_what, free, isFast) => {
    const speed = createSpeedometer();
    expect(free.map((megabytes, look) => speed(megabytes * mebibyte, look * 50)).at(-1)).toBe(isFast);
  });
});
