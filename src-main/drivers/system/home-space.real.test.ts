import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HomeSpace, SpaceKeeper } from '../../ports/home-space.ts';
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts';
import { createHomeSpace, spaceStateOf } from './home-space.ts';

const mebibyte = 2 ** 20;
let home = '';
let clock: ManualClock;
let space: SpaceKeeper;
let told: HomeSpace['state'][];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'farm-space-'));
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', home]);
  clock = createManualClock();
  space = createHomeSpace({ home, clock });
  told = [];
  space.onChange(({ state }) => told.push(state));
  clock.advance(0);
});
afterEach(() => {
  space.close();
  execFileSync('/bin/umount', ['-l', home]);
  rmSync(home, { recursive: true, force: true });
});

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(home);
  return bavail * bsize;
};
function fill(leaveBytes = 0): void {
  const ballast = join(home, 'ballast');
  if (!existsSync(ballast)) writeFileSync(ballast, '');
  while (freeBytes() > leaveBytes) appendFileSync(ballast, Buffer.alloc(Math.min(freeBytes() - leaveBytes, mebibyte)));
}
const reserveBytes = (): number => (existsSync(join(home, 'reserve')) ? statSync(join(home, 'reserve')).size : 0);

test('room is kept back from the first look, closed to others', () => {
  expect(reserveBytes()).toBe(Math.floor((64 * mebibyte) / 50));
  expect(statSync(join(home, 'reserve')).mode & 0o777).toBe(0o600);
  expect(space.now()).toMatchObject({ path: home, state: 'good', sizeBytes: 64 * mebibyte });
});

test('low, full, and good again are told once each, and what was given back is taken back when there is room', () => {
  fill(2 * mebibyte);
  clock.advance(10_000);
  fill();
  clock.advance(10_000);
  clock.advance(10_000);
  expect(told).toEqual(['low', 'full']);
  expect(space.now()).toMatchObject({ state: 'full', freeBytes: 0 });
  space.secure(500_000);
  expect(freeBytes()).toBeGreaterThanOrEqual(500_000);
  const left = reserveBytes();
  expect(left).toBeGreaterThan(0);
  clock.advance(10_000);
  expect(reserveBytes()).toBe(left);
  space.secure(2 ** 40);
  expect(reserveBytes()).toBe(0);
  rmSync(join(home, 'ballast'));
  clock.advance(10_000);
  expect(told).toEqual(['low', 'full', 'good']);
  expect(reserveBytes()).toBe(Math.floor((64 * mebibyte) / 50));
});

test.each([
  [2 ** 40, 500 * mebibyte, 'good', 'low'],
  [2 ** 40, 1500 * mebibyte, 'good', 'good'],
  [2 ** 40, 1500 * mebibyte, 'low', 'low'],
  [2 ** 40, 63 * mebibyte, 'low', 'full'],
  [2 ** 40, 100 * mebibyte, 'full', 'full'],
  [2 ** 40, 130 * mebibyte, 'full', 'low'],
  [2 ** 40, 3000 * mebibyte, 'full', 'good'],
] as const)('of %d bytes %d free, before %s: %s', (sizeBytes, free, before, state) => {
  expect(spaceStateOf(free, sizeBytes, before)).toBe(state);
});
