import { expect, test } from 'vitest';
import { type Holder, Shares, visitorOf } from './shares.ts';

let nowMs = 0;
function crowd(places = 8): { shares: Shares; come: (address: string) => boolean; gone: string[] } {
  nowMs = 0;
  const shares = new Shares(places, 1000, () => nowMs);
  const gone: string[] = [];
  const come = (address: string): boolean => {
    const holder: Holder = {
      address,
      sinceMs: nowMs,
      makeWay: () => {
        gone.push(address);
        shares.leave(holder);
      },
    };
    return shares.enter(holder);
  };
  return { shares, come, gone };
}

test('while there is room nobody is limited, an office behind one address neither', () => {
  const { come, gone } = crowd();
  for (let at = 0; at < 8; at++) expect(come('9.9.9.9')).toBe(true);
  expect(gone).toEqual([]);
});

test('when all places are taken, whoever holds most gives up the oldest of what is slow', () => {
  const { shares, come, gone } = crowd();
  for (const address of ['1.1.1.1', '9.9.9.9', '9.9.9.9', '9.9.9.9', '9.9.9.9', '2.2.2.2', '9.9.9.9', '9.9.9.9']) come(address);
  expect(come('3.3.3.3')).toBe(false);
  nowMs = 2000;
  expect(come('3.3.3.3')).toBe(true);
  expect(come('9.9.9.9')).toBe(true);
  expect(gone).toEqual(['9.9.9.9', '9.9.9.9']);
  expect(shares.size).toBe(8);
});

test('who holds little is not pushed out by who holds as little', () => {
  const { come, gone } = crowd();
  for (let at = 0; at < 8; at++) come(`1.1.1.${at}`);
  nowMs = 2000;
  expect(come('1.1.1.0')).toBe(false);
  expect(gone).toEqual([]);
});

test('quick requests never make way', () => {
  const { come, gone } = crowd();
  for (let at = 0; at < 8; at++) come('9.9.9.9');
  nowMs = 900;
  expect(come('1.1.1.1')).toBe(false);
  expect(gone).toEqual([]);
});

test('when a place that was made is taken by somebody who waited, there is not one more', () => {
  nowMs = 0;
  const shares = new Shares(2, 1000, () => nowMs);
  const waited: Holder = { address: '5.5.5.5', sinceMs: 0, makeWay: () => undefined };
  const greedy: Holder = {
    address: '9.9.9.9',
    sinceMs: 0,
    makeWay: () => {
      shares.leave(greedy);
      shares.enter(waited);
    },
  };
  shares.enter(greedy);
  shares.enter({ ...greedy });
  nowMs = 2000;
  expect(shares.enter({ address: '1.1.1.1', sinceMs: nowMs, makeWay: () => undefined })).toBe(false);
  expect(shares.size).toBe(2);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
])('%s is the visitor %s', (address, visitor) => {
  expect(visitorOf(address)).toBe(visitor);
});
