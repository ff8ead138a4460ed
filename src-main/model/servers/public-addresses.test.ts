import { expect, test } from 'vitest';
import { proposePublicAddresses } from './public-addresses.ts';

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
