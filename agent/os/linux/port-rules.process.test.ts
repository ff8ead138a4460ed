import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rulesText } from './port-rules.ts';

const script = fileURLToPath(new URL('../../testing/rules-in-namespace.ts', import.meta.url));
const canTry =
  process.getuid?.() === 0 && spawnSync('nft', ['--version']).status === 0 && spawnSync('unshare', ['-n', 'true']).status === 0;
if (!canTry) process.stderr.write('NOT TESTED: rules by owner. They need root, nft (package nftables) and network namespaces.\n');

test('without instances there is no table, and none is left', () => {
  expect(rulesText('farmstead_x', [], [443])).toBe('table inet farmstead_x {}\ndelete table inet farmstead_x\n');
});

test.skipIf(!canTry)(
  'only the edge and the instance itself reach its port, a thief answers nobody, and an instance reaches neither core, neighbours nor metadata, but what was agreed',
  { timeout: 120_000 },
  () => {
    const addresses = ['ip link set lo up', 'ip addr add 169.254.169.254/32 dev lo', 'ip -6 addr add fd00:ec2::254/128 dev lo nodad'];
    const inside = `${addresses.join(' && ')} && exec "$0" "$1"`;
    const { stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', inside, process.execPath, script], { encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    expect(JSON.parse(stdout)).toEqual({
      'without rules a neighbour': 'served',
      kept: { isKept: true },
      'root to instance': 'served',
      'edge to instance': 'served',
      'edge to one without a user': 'served',
      'edge to core': 'ECONNREFUSED',
      'edge to metadata': 'ECONNREFUSED',
      'instance to itself': 'served',
      'neighbour to instance': 'ECONNREFUSED',
      'somebody to instance': 'ECONNREFUSED',
      'instance to core': 'ECONNREFUSED',
      'instance to edge': 'served',
      'somebody to core': 'served',
      'instance to metadata': 'ECONNREFUSED',
      'instance to metadata, IPv6': 'ECONNREFUSED',
      'root to metadata': 'served',
      agreed: { isKept: true },
      'agreed: to the data base': 'served',
      'agreed: to the data base, IPv6': 'served',
      'agreed: to core': 'ECONNREFUSED',
      'agreed: to its neighbour': 'ECONNREFUSED',
      'agreed: to metadata': 'served',
      'agreed: to metadata, IPv6': 'served',
      'neighbour of the agreed: to the data base': 'ECONNREFUSED',
      'neighbour of the agreed: to metadata': 'ECONNREFUSED',
      'taken back': { isKept: true },
      'taken back: to the data base': 'ECONNREFUSED',
      'edge to thief': 'silent',
      'from its own port to core': 'ECONNREFUSED',
      'one less': { isKept: true },
      table: 'table inet farmstead_test',
      none: { isKept: true },
      'tables at the end': '',
    });
  },
);
