import { describe, expect, test } from 'vitest';
import { type AdvisedServer, adviseRecords } from './advise-records.ts';
import type { RecordSet } from './dns-records.ts';
import { answeringWildcard, differenceOf, hidingRecords } from './inspect-zone.ts';

const set = (name: string, type: string, ...values: string[]): RecordSet => ({ name, type, ttlSeconds: 60, values });
const apex = [set('farm.example', 'SOA', 'x'), set('farm.example', 'NS', 'ns1.farm.example'), set('ns1.farm.example', 'A', '192.0.2.53')];

describe('the wildcard that answers', () => {
  const place = { domain: 'farm.example', zone: 'farm.example' };
  test('is the one right below the domain', () => {
    expect(answeringWildcard([...apex, set('*.farm.example', 'A', '192.0.2.1')], place)?.name).toBe('*.farm.example');
    expect(answeringWildcard(apex, place)).toBeUndefined();
    expect(answeringWildcard([...apex, set('*.farm.example', 'TXT', 'x')], place)).toBeUndefined();
  });

  test('or one above it, while nothing else stands at the domain or below', () => {
    const below = { domain: 'apps.shop.example', zone: 'shop.example' };
    const zone = [set('shop.example', 'SOA', 'x'), set('*.shop.example', 'CNAME', 'edge.example')];
    expect(answeringWildcard(zone, below)?.name).toBe('*.shop.example');
    expect(answeringWildcard([...zone, set('anna.apps.shop.example', 'A', '192.0.2.1')], below)).toBeUndefined();
  });
});

test('what hides the wildcard is told by what it hides; ours, name servers and the domain itself are no news', () => {
  const records = [
    ...apex,
    set('farm.example', 'MX', '10 mail.farm.example'),
    set('*.farm.example', 'A', '192.0.2.1'),
    set('anna.farm.example', 'A', '192.0.2.1'),
    set('_acme-challenge.anna.farm.example', 'TXT', 'proof'),
    set('_acme-challenge.berta.farm.example', 'TXT', 'proof'),
    set('mail.farm.example', 'A', '192.0.2.9'),
    set('mail.farm.example', 'MX', '10 mail.farm.example'),
    set('other.example', 'A', '192.0.2.9'),
  ];
  expect(hidingRecords(records, 'farm.example', (name) => name === 'anna.farm.example')).toEqual([
    { name: '_acme-challenge.berta.farm.example', found: 'TXT proof', hides: 'berta.farm.example' },
    { name: 'mail.farm.example', found: 'A 192.0.2.9; MX 10 mail.farm.example', hides: 'mail.farm.example' },
  ]);
});

describe('the record of an instance', () => {
  const owned = [{ type: 'A', value: '192.0.2.1' }];
  const instance = { name: 'anna', host: 'anna.farm.example', owned, serverAddresses: ['192.0.2.1'], isLedByWildcard: false };
  const at = (...sets: RecordSet[]) => differenceOf([...apex, ...sets], instance);
  test.each([
    ['as it should be', [set('anna.farm.example', 'A', '192.0.2.1'), set('anna.farm.example', 'TXT', 'x')], undefined],
    ['missing', [set('*.farm.example', 'A', '192.0.2.1')], { code: 'missing', found: '', expected: '192.0.2.1' }],
    ['another', [set('anna.farm.example', 'A', '192.0.2.9')], { code: 'different', found: 'A 192.0.2.9', expected: '192.0.2.1' }],
    ['one more', [set('anna.farm.example', 'A', '192.0.2.1', '192.0.2.9')], { code: 'different', found: 'A 192.0.2.1, 192.0.2.9' }],
    ['an alias', [set('anna.farm.example', 'CNAME', '192.0.2.1')], { code: 'different' }],
  ])('is %s', (_what, sets, difference) => {
    const found = at(...sets);
    if (difference === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ ...difference, instanceName: 'anna', host: 'anna.farm.example' });
  });

  test('may be as we wrote it, and its server have moved on', () => {
    const moved = { ...instance, serverAddresses: ['192.0.2.2'] };
    expect(differenceOf([set('anna.farm.example', 'A', '192.0.2.1')], moved)).toMatchObject({ code: 'outdated', expected: '192.0.2.2' });
  });

  test('is not needed where the farm’s wildcard leads, unless something hides it', () => {
    const led = { ...instance, owned: [], isLedByWildcard: true };
    const wildcard = set('*.farm.example', 'A', '192.0.2.1');
    expect(differenceOf([wildcard], led)).toBeUndefined();
    expect(differenceOf([wildcard, set('_acme.anna.farm.example', 'TXT', 'x')], led)).toMatchObject({ code: 'missing' });
    expect(differenceOf([wildcard, set('anna.farm.example', 'TXT', 'x')], led)).toMatchObject({ code: 'missing' });
    expect(differenceOf([wildcard], { ...led, owned })).toMatchObject({ code: 'missing' });
  });

  test('is somebody else’s where we know of none', () => {
    const unknown = { ...instance, owned: [] };
    expect(differenceOf([set('anna.farm.example', 'A', '192.0.2.1')], unknown)).toMatchObject({ code: 'different', expected: '192.0.2.1' });
    expect(differenceOf([], unknown)).toMatchObject({ code: 'missing', expected: '192.0.2.1' });
  });
});

describe('one record an instance, or one wildcard', () => {
  const server = (name: string, address: string, instances: number, isDraining = false): AdvisedServer => ({
    name,
    addresses: address === '' ? [] : [address],
    isDraining,
    instances,
  });
  const wildcard = { name: '*.farm.example', addresses: ['192.0.2.1'] };
  test.each<[string, readonly AdvisedServer[], typeof wildcard | undefined, object]>([
    ['no server', [], undefined, { code: 'no-server' }],
    ['none with an address', [server('Oak', '', 2)], undefined, { code: 'no-server' }],
    [
      'none yet, two to choose from',
      [server('Oak', '192.0.2.1', 0), server('Elm', '192.0.2.2', 0)],
      undefined,
      { code: 'none-yet', parameters: { servers: 2 } },
    ],
    [
      'two servers',
      [server('Oak', '192.0.2.1', 1), server('Elm', '192.0.2.2', 5)],
      wildcard,
      { code: 'many-servers', parameters: { servers: 2 } },
    ],
    [
      'one, and another is open',
      [server('Oak', '192.0.2.1', 4), server('Elm', '192.0.2.2', 0)],
      undefined,
      { code: 'placement-open', parameters: { server: 'Oak', others: 1 } },
    ],
    [
      'one, the other is being emptied',
      [server('Oak', '192.0.2.1', 4), server('Elm', '192.0.2.2', 0, true)],
      undefined,
      { code: 'wildcard-would-do', parameters: { server: 'Oak', addresses: '192.0.2.1' } },
    ],
    ['one only', [server('Oak', '192.0.2.1', 0)], undefined, { code: 'wildcard-would-do', parameters: { server: 'Oak' } }],
    [
      'two behind one address',
      [server('Oak', '192.0.2.1', 1), server('Elm', '192.0.2.1', 1)],
      undefined,
      { code: 'wildcard-would-do', parameters: { server: 'Oak, Elm' } },
    ],
    [
      'one, and the wildcard leads there',
      [server('Oak', '192.0.2.1', 3)],
      wildcard,
      { code: 'wildcard-stands', parameters: { server: 'Oak', wildcard: '*.farm.example' } },
    ],
    ['one, and the wildcard leads elsewhere', [server('Oak', '192.0.2.7', 3)], wildcard, { code: 'wildcard-would-do' }],
  ])('%s', (_what, servers, standing, advice) => {
    expect(adviseRecords(servers, standing, true)).toEqual({ code: 'own-server', parameters: {} });
    expect(adviseRecords(servers, standing)).toMatchObject(advice);
  });
});
