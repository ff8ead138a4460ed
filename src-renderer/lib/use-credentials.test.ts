import { describe, expect, test } from 'vitest';
import { fieldsOf, kindsOf } from '#contract/catalogue/providers.ts';
import { readCredentials } from './use-credentials.ts';

const read = (kind: 'powerdns' | 'builtin', typed: Readonly<Record<string, string>>, isWhole = true) => {
  const { state, values } = readCredentials(fieldsOf(kind), ({ name }) => typed[name] ?? '', isWhole);
  return { state, values };
};
const url = 'http://dns.example:8081';

describe('a new domain', () => {
  test.each([
    ['nothing typed', {}, 'missing'],
    ['no key', { url }, 'missing'],
    ['a key of spaces', { url, apiKey: '  ' }, 'missing'],
    ['a wrong address', { url: 'dns.example', apiKey: 'key' }, 'wrong'],
    ['a wrong optional field', { url, apiKey: 'key', nameServers: 'ns1.example' }, 'wrong'],
  ] as const)('with %s is not sent', (_what, typed, state) => expect(read('powerdns', typed)).toEqual({ state, values: {} }));

  test('with all that is needed is sent as it was typed, without spaces around', () => {
    expect(read('powerdns', { url: ` ${url} `, apiKey: 'key\n' })).toEqual({ state: 'good', values: { url, apiKey: 'key' } });
    expect(read('powerdns', { url, apiKey: 'key', nameServers: '192.0.2.1' }).values).toMatchObject({
      nameServers: [{ address: '192.0.2.1', port: 53 }],
    });
    expect(read('builtin', {})).toEqual({ state: 'good', values: {} });
  });
});

test.each(kindsOf('dns').flatMap((kind) => fieldsOf(kind).map((field) => [kind, field] as const)))(
  'one field of %s alone can be changed: $name',
  (kind, { name, format }) => {
    const text = { text: 'text', password: 'text', url, host: 'dns.example', servers: '192.0.2.1' }[format];
    const { state, values } = readCredentials(fieldsOf(kind), (field) => (field.name === name ? text : ''), false);
    expect([state, Object.keys(values)]).toEqual(['good', [name]]);
  },
);

test('nothing typed changes nothing', () => expect(read('powerdns', {}, false)).toEqual({ state: 'missing', values: {} }));
