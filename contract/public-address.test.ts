import { expect, test } from 'vitest';
import { maxPublicAddresses, reachOfAddress, readPublicAddresses } from './public-address.ts';

test.each([
  ['203.0.113.9', '203.0.113.9'],
  [' 203.0.113.9\t', '203.0.113.9'],
  ['2001:DB8:0:0::01', '2001:db8::1'],
  ['127.0.0.1', '127.0.0.1'],
  ['192.168.1.5', '192.168.1.5'],
  ['169.254.3.4', '169.254.3.4'],
  ['::1', '::1'],
  ['fd00::7', 'fd00::7'],
])('%j is taken as %s', (text, address) => {
  expect(readPublicAddresses([text])).toEqual({ addresses: [address] });
});

test.each([
  ['oak.example', 'name'],
  ['дуб.рф', 'name'],
  ['localhost', 'name'],
  ['203.0.113.9:443', 'port'],
  ['[2001:db8::1]:443', 'port'],
  ['oak.example:443', 'port'],
  ['[2001:db8::1]', 'form'],
  ['fe80::1%eth0', 'zone'],
  ['203.0.113.256', 'form'],
  ['203.0.113', 'form'],
  ['203.0.113.09', 'form'],
  ['2001:db8::1::2', 'form'],
  ['https://203.0.113.9/', 'form'],
  ['203.0.113.0/24', 'form'],
  ['', 'form'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  ['0:0:0:0:0:0:0:0', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['240.0.0.1', 'reserved'],
  ['fe80::1', 'linkLocal'],
  ['::ffff:203.0.113.9', 'mapped'],
  ['::ffff:0:203.0.113.9', 'mapped'],
  ['::203.0.113.9', 'mapped'],
  ['::7', 'mapped'],
] as const)('%j is refused: %s', (text, reason) => {
  expect(readPublicAddresses(['198.51.100.1', text])).toEqual({ addresses: ['198.51.100.1'], problem: { address: text, reason } });
});

test('the same address twice is one too many, however it is written', () => {
  expect(readPublicAddresses(['2001:db8::1', '2001:DB8:0::1'])).toEqual({
    addresses: ['2001:db8::1'],
    problem: { address: '2001:DB8:0::1', reason: 'twice' },
  });
});

test('none at all and too many are refused', () => {
  expect(readPublicAddresses([])).toMatchObject({ problem: { reason: 'none' } });
  const many = Array.from({ length: maxPublicAddresses + 1 }, (_, index) => `198.51.100.${index + 1}`);
  expect(readPublicAddresses(many)).toMatchObject({ problem: { address: '198.51.100.17', reason: 'tooMany' } });
  expect(readPublicAddresses(many.slice(1)).problem).toBeUndefined();
});

test.each([
  ['8.8.8.8', 'world'],
  ['2a00:1450::1', 'world'],
  ['172.31.255.1', 'inside'],
  ['172.32.0.1', 'world'],
  ['100.64.0.1', 'inside'],
  ['10.0.0.1', 'inside'],
  ['169.254.3.4', 'inside'],
  ['fc00::2', 'inside'],
  ['127.8.8.8', 'here'],
  ['::1', 'here'],
] as const)('%s is reached from: %s', (address, reach) => {
  expect(reachOfAddress(address)).toBe(reach);
});
