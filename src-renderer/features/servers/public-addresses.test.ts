import { expect, test } from 'vitest';
import { addressesFrom } from './public-addresses.ts';

const refused = (address: string, reason: string) => ({ code: 'PUBLIC_ADDRESS_INVALID', parameters: { address, reason } });

test.each([
  ['203.0.113.9\n2001:DB8::1', ['203.0.113.9', '2001:db8::1']],
  [' 203.0.113.9;198.51.100.7, ', ['203.0.113.9', '198.51.100.7']],
])('%j', (text, addresses) => expect(addressesFrom(text)).toEqual({ addresses, failure: undefined, notFromOutside: [] }));

test.each([
  ['', '', 'none'],
  ['203.0.113.256', '203.0.113.256', 'form'],
  ['198.51.100.1\noak.example\n12:30', 'oak.example', 'name'],
  ['203.0.113.9, 203.0.113.9', '203.0.113.9', 'twice'],
])('%j is refused while it is typed', (text, address, reason) => {
  expect(addressesFrom(text).failure).toEqual(refused(address, reason));
});

test('says which ones customers outside will not reach', () => {
  expect(addressesFrom('127.0.0.1 10.0.0.5 203.0.113.9')).toMatchObject({ failure: undefined, notFromOutside: ['127.0.0.1', '10.0.0.5'] });
});
