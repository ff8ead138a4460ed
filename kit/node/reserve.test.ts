import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReserve } from './reserve.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-reserve-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const path = (): string => join(folder, 'reserve');
const reserve = (mostBytes = 80_000, leastBytes = 10_000) => createReserve({ path: path(), folder, mostBytes, leastBytes });

test('is filled to its bound, of its owner only, given back in eighths until nothing is left, and filled again', () => {
  const one = reserve();
  one.refill();
  expect([one.heldBytes(), one.wholeBytes(), statSync(path()).mode & 0o777]).toEqual([80_000, 80_000, 0o600]);
  const left: number[] = [];
  while (one.release()) left.push(one.heldBytes());
  expect(left).toEqual([70_000, 60_000, 50_000, 40_000, 30_000, 20_000, 10_000, 0]);
  expect(one.release()).toBe(false);
  one.refill();
  // As after a kill in the middle of filling it.
  truncateSync(path(), 123);
  one.refill();
  expect(one.heldBytes()).toBe(80_000);
});

test('is not made where it would leave little free, and gives all it has for what cannot be had', () => {
  const { freeBytes } = reserve();
  const huge = reserve(freeBytes(), freeBytes());
  huge.refill();
  expect(huge.heldBytes()).toBe(0);
  const one = reserve();
  one.refill();
  one.secure(1);
  expect(one.heldBytes()).toBe(80_000);
  one.secure(Number.MAX_SAFE_INTEGER);
  expect(one.heldBytes()).toBe(0);
});

test('that cannot be written never throws when it is filled', () => {
  mkdirSync(path());
  const one = reserve();
  expect(() => one.refill()).not.toThrow();
  rmSync(folder, { recursive: true });
  expect(() => one.refill()).not.toThrow();
});
