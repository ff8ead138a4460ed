import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordSet } from './dns-records.ts';
import { type DnsChange, dnsRefusalError, planChange } from './plan-change.ts';

const zone = 'farm.example';
const name = 'anna.farm.example';
const set = (type: string, values: string[], ttlSeconds = 60): RecordSet => ({ name, type, ttlSeconds, values });
const put = (values: string[], owned: string[] = []): DnsChange => ({
  action: 'put',
  zone,
  name,
  type: 'A',
  ttlSeconds: 60,
  values,
  owned,
});
const remove = (values: string[], others: 'refuse' | 'keep' = 'refuse', type: 'A' | 'TXT' = 'A'): DnsChange => ({
  action: 'remove',
  zone,
  name,
  type,
  values,
  others,
});

describe('planChange', () => {
  test.each<[string, RecordSet[], DnsChange, object]>([
    [
      'a name that another only turned off',
      [{ ...set('A', []), disabled: ['192.0.2.9'] }],
      put(['192.0.2.1']),
      { code: 'foreign-values', found: 'A 192.0.2.9 (disabled)' },
    ],
    [
      'an ALIAS in the place of addresses',
      [set('ALIAS', ['lb.example.'])],
      put(['192.0.2.1']),
      { code: 'other-type', found: 'ALIAS lb.example.' },
    ],
    ['a LUA record', [set('LUA', ['A "ifportup(443, {})"'])], put(['192.0.2.1']), { code: 'other-type' }],
  ])('refuses %s', (_what, current, change, refusal) => {
    expect(planChange(current, change)).toMatchObject({ kind: 'refusal', refusal });
  });

  test.each<[string, RecordSet[], DnsChange, object]>([
    ['creates', [], put(['192.0.2.1']), { action: 'create', before: undefined, after: set('A', ['192.0.2.1']) }],
    [
      'replaces our own',
      [set('A', ['192.0.2.1'])],
      put(['192.0.2.2'], ['192.0.2.1']),
      { action: 'replace', after: set('A', ['192.0.2.2']) },
    ],
    ['mends a TTL', [set('A', ['192.0.2.1'], 3600)], put(['192.0.2.1']), { action: 'replace', after: set('A', ['192.0.2.1'], 60) }],
    [
      'removes',
      [set('A', ['192.0.2.1']), set('TXT', ['x'])],
      remove(['192.0.2.1']),
      { action: 'delete', before: set('A', ['192.0.2.1']), after: undefined },
    ],
    [
      'keeps the others of a TXT',
      [set('TXT', ['a', 'b'], 30)],
      remove(['a'], 'keep', 'TXT'),
      { action: 'replace', after: set('TXT', ['b'], 30) },
    ],
    [
      'adds without changing the TTL of the others',
      [set('TXT', ['a'], 30)],
      { action: 'add', zone, name, type: 'TXT', ttlSeconds: 5, values: ['b', 'a'] },
      { action: 'replace', after: set('TXT', ['a', 'b'], 30) },
    ],
    [
      'keeps what another turned off beside ours',
      [{ ...set('A', ['192.0.2.1']), disabled: ['192.0.2.9'] }],
      put(['192.0.2.2'], ['192.0.2.1']),
      { action: 'replace', after: { ...set('A', ['192.0.2.2']), disabled: ['192.0.2.9'] } },
    ],
    [
      'takes ours out and leaves what another turned off',
      [{ ...set('A', ['192.0.2.1']), disabled: ['192.0.2.9'] }],
      remove(['192.0.2.1']),
      { action: 'replace', after: { ...set('A', []), disabled: ['192.0.2.9'] } },
    ],
    [
      'takes out what is ours and was turned off by somebody',
      [{ ...set('A', []), disabled: ['192.0.2.1'] }],
      remove(['192.0.2.1']),
      { action: 'delete', after: undefined },
    ],
    [
      'turns on what is ours again',
      [{ ...set('A', []), disabled: ['192.0.2.1'] }],
      put(['192.0.2.1'], ['192.0.2.1']),
      { action: 'replace', after: set('A', ['192.0.2.1']) },
    ],
    [
      'adds beside what another turned off',
      [{ ...set('TXT', ['a'], 30), disabled: ['z'] }],
      { action: 'add', zone, name, type: 'TXT', ttlSeconds: 5, values: ['b'] },
      { action: 'replace', after: { ...set('TXT', ['a', 'b'], 30), disabled: ['z'] } },
    ],
    ['ignores other names', [{ ...set('CNAME', ['x.example']), name: 'other.farm.example' }], put(['192.0.2.1']), { action: 'create' }],
    ['keeps one of a value given twice', [], put(['192.0.2.1', '192.0.2.1']), { after: set('A', ['192.0.2.1']) }],
  ])('%s', (_what, current, change, plan) => {
    expect(planChange(current, change)).toMatchObject({ kind: 'plan', plan });
  });

  test.each<[string, RecordSet[], DnsChange]>([
    ['the same again', [set('A', ['192.0.2.2', '192.0.2.1'])], put(['192.0.2.1', '192.0.2.2'])],
    ['nothing to remove', [], remove(['192.0.2.1'])],
    ['only values of others', [set('A', ['192.0.2.9'])], remove(['192.0.2.1'])],
    [
      'another spelling',
      [{ ...set('AAAA', ['2001:db8::1']) }],
      { action: 'put', zone, name, type: 'AAAA', ttlSeconds: 60, values: ['2001:DB8:0:0::1'], owned: [] },
    ],
  ])('plans nothing: %s', (_what, current, change) => {
    expect(planChange(current, change)).toEqual({ kind: 'nothing' });
  });

  test.each<[string, RecordSet[], DnsChange, object]>([
    ['somebody else’s value would go', [set('A', ['192.0.2.9'])], put(['192.0.2.1']), { code: 'foreign-values', found: 'A 192.0.2.9' }],
    [
      'more would be removed than asked',
      [set('A', ['192.0.2.1', '192.0.2.9'])],
      remove(['192.0.2.1']),
      { code: 'foreign-values', found: 'A 192.0.2.9' },
    ],
    ['an address beside an alias', [set('CNAME', ['x.example'])], put(['192.0.2.1']), { code: 'other-type', found: 'CNAME x.example' }],
    [
      'an alias beside an address',
      [set('A', ['192.0.2.1'])],
      { action: 'put', zone, name, type: 'CNAME', ttlSeconds: 60, values: ['x.example'], owned: [] },
      { code: 'other-type', found: 'A 192.0.2.1' },
    ],
    [
      'an alias at the zone itself',
      [],
      { action: 'put', zone, name: zone, type: 'CNAME', ttlSeconds: 60, values: ['x.example'], owned: [] },
      { code: 'cname-at-apex' },
    ],
    [
      'two aliases',
      [],
      { action: 'put', zone, name, type: 'CNAME', ttlSeconds: 60, values: ['x.example', 'y.example'], owned: [] },
      { code: 'cname-single' },
    ],
    ['another zone', [], { ...put(['192.0.2.1']), name: 'anna.notfarm.example' }, { code: 'outside-zone' }],
    ['a name that is none', [], { ...put(['192.0.2.1']), name: 'an na.farm.example' }, { code: 'name-invalid' }],
    ['a value that is none', [], put(['192.0.2.300']), { code: 'value-invalid', value: '192.0.2.300' }],
    ['no value', [], put([]), { code: 'value-invalid', value: '' }],
  ])('refuses: %s', (_what, current, change, refusal) => {
    const planning = planChange(current, change);
    expect(planning).toMatchObject({ kind: 'refusal', refusal });
    if (planning.kind !== 'refusal') return;
    const error = dnsRefusalError(planning.refusal, { domain: zone, server: 'dns.example' });
    expect(error.code).toBe('found' in refusal ? 'DNS_UNSAFE' : 'DNS_REFUSED');
    expect(error.parameters.name).toBe(change.name);
  });

  const values = fc.subarray(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']);
  test('whatever stands there, a removal takes only what was asked, and a second one nothing', () => {
    fc.assert(
      fc.property(values, values, fc.constantFrom('refuse', 'keep'), (standing, asked, others) => {
        const current = standing.length > 0 ? [set('A', standing)] : [];
        const planning = planChange(current, remove(asked, others));
        if (planning.kind !== 'plan') return;
        const after = planning.plan.after?.values ?? [];
        expect(standing.filter((v) => !after.includes(v)).every((v) => asked.includes(v))).toBe(true);
        expect(after.some((v) => asked.includes(v))).toBe(false);
        expect(planChange(planning.plan.after === undefined ? [] : [planning.plan.after], remove(asked, others))).toEqual({
          kind: 'nothing',
        });
      }),
    );
  });
  test('whatever stands there, a put replaces only what we own', () => {
    fc.assert(
      fc.property(values, values, values, (standing, wanted, owned) => {
        const planning = planChange(standing.length > 0 ? [set('A', standing)] : [], put(wanted, owned));
        if (planning.kind !== 'plan') return;
        expect(planning.plan.after?.values).toEqual(wanted);
        expect(standing.filter((v) => !wanted.includes(v)).every((v) => owned.includes(v))).toBe(true);
      }),
    );
  });
});
