import { expect, test } from 'vitest';
import { isEdgeLocal, proposedAddresses, proposePublicAddresses } from './public-addresses.ts';

const own = (...addresses: string[]) => addresses.map((address) => ({ address, isLoopback: false }));

test.each([
  [
    'what the world reaches, and nothing else',
    own('10.0.0.5', '8.8.8.8', '2a00:1450::1', 'fd00::1', 'fe80::1'),
    '10.0.0.5',
    ['8.8.8.8', '2a00:1450::1'],
  ],
  [
    'the one that we dialled, not a network of containers',
    own('172.17.0.1', '192.168.1.5', 'fe80::446b:50ff:feb1:f98'),
    '192.168.1.5',
    ['192.168.1.5'],
  ],
  [
    'all that can be reached, when a name was dialled',
    own('172.17.0.1', '192.168.1.5', '169.254.3.4'),
    'oak.example',
    ['172.17.0.1', '192.168.1.5'],
  ],
  [
    'none of a server with loopback only',
    [
      { address: '127.0.0.1', isLoopback: true },
      { address: '::1', isLoopback: true },
    ],
    '127.0.0.1',
    [],
  ],
  ['shared and unique local addresses are inside', own('100.64.0.1', 'fc00::2', '203.0.113.9'), 'x', ['203.0.113.9']],
] as const)('proposed: %s', (_, found, dialled, proposed) => {
  expect(proposePublicAddresses(found, dialled)).toEqual(proposed);
});

const cards = own('8.8.8.8', '2a00:1450::1', '192.168.1.5');
test.each([
  ['everywhere, both kinds', '::', ['8.8.8.8', '2a00:1450::1']],
  ['everywhere, IPv4 only', '0.0.0.0', ['8.8.8.8']],
  ['at one address inside', '192.168.1.5', ['192.168.1.5']],
  ['at one IPv6 address, however it is written', '2A00:1450:0::1', ['2a00:1450::1']],
  ['at an address that no card has', '203.0.113.77', []],
  ['at an address of one link', 'fe80::1%eth0', []],
  ['at a name, which may be any', 'oak.example', ['8.8.8.8', '2a00:1450::1']],
  ['nobody knows where', undefined, ['8.8.8.8', '2a00:1450::1']],
] as const)('of an edge that listens %s', (_, edgeAddress, proposed) => {
  expect(proposePublicAddresses(cards, '192.168.1.5', edgeAddress)).toEqual(proposed);
});

test.each([
  ['a farm of one computer works at once', '127.0.0.1', '127.0.0.1:7443', ['127.0.0.1']],
  ['and by IPv6', '::1', '[::1]:7443', ['::1']],
  ['and where the edge listens by name', 'localhost', '127.0.0.1:7443', ['127.0.0.1']],
  ['an edge on loopback is reached by nobody from another computer', '127.0.0.1', '198.51.100.7:7443', []],
  ['nor by the address that the card has', '127.0.0.1', '192.168.1.5:7443', []],
  ['its own address where the edge does not listen', '192.168.1.6', '192.168.1.5:7443', []],
  ['its own address of the other kind', '0.0.0.0', '[fd00::1]:7443', []],
  ['an address that a router leads there', '192.168.1.6', '198.51.100.7:7443', ['198.51.100.7']],
  ['no router leads from one kind to the other', '192.168.1.6', '[2001:db8::7]:7443', []],
  ['loopback, where nothing tells where the edge listens', undefined, '127.0.0.1:7443', ['127.0.0.1']],
  ['a name is none', '0.0.0.0', 'oak.example:7443', []],
] as const)('dialled: %s', (_, edgeAddress, address, proposed) => {
  const addresses = [
    { address: '127.0.0.1', isLoopback: true },
    ...(edgeAddress === '0.0.0.0' || edgeAddress === undefined ? [] : own('192.168.1.5')),
    ...(address.includes('fd00') ? own('fd00::1') : []),
  ];
  expect(proposedAddresses({ addresses, edgeAddress }, address)).toEqual(proposed.map((found) => ({ address: found, state: 'proposed' })));
});

test('an edge that only its own computer reaches', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isEdgeLocal)).toEqual([true, true, true, true]);
  expect(['0.0.0.0', '::', '192.168.1.5', undefined].map(isEdgeLocal)).toEqual([false, false, false, false]);
});
