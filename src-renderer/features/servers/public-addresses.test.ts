import { expect, test } from 'vitest';
import { addressesFrom } from './public-addresses.ts';

test.each([
  ['203.0.113.9\n2001:db8::1', ['203.0.113.9', '2001:db8::1'], undefined],
  ['203.0.113.9, 203.0.113.9', ['203.0.113.9'], undefined],
  ['', [], undefined],
  ['203.0.113.256', [], '203.0.113.256'],
  ['oak.example', [], 'oak.example'],
  ['12:30', [], '12:30'],
])('%j', (text, addresses, bad) => expect(addressesFrom(text)).toEqual({ addresses, bad }));
