import { expect, test } from 'vitest';
import { onlyFields, refuseCredentials, serverOf, splitSecrets } from './credentials.ts';

test.each([
  ['http://dns.example:8081', 'dns.example:8081'],
  ['https://DNS.example/api?x=1', 'dns.example'],
  ['http://[2001:db8::1]:8081/', '[2001:db8::1]:8081'],
  ['http://user:planted@dns.example/', 'dns.example'],
  ['no address', 'powerdns'],
])('a name server at %s is told as %s', (url, server) => expect(serverOf('powerdns', { url })).toBe(server));

test('the server that is part of this program is told by its row', () => expect(serverOf('builtin', {})).toBe('builtin'));

test('what is secret is told apart, and other settings of the farm stay out', () => {
  const stored = { url: 'http://dns.example', apiKey: 'key', nameServers: undefined, wildcard: { values: [] } };
  expect(onlyFields('powerdns', stored)).toEqual({ url: 'http://dns.example', apiKey: 'key' });
  expect(splitSecrets('powerdns', stored)).toEqual({ settings: { url: 'http://dns.example' }, secrets: { apiKey: 'key' } });
});

test.each([
  [{ url: 'http://dns.example', apiKey: 'key' }, true, undefined],
  [{ url: 'http://dns.example' }, true, 'apiKey required'],
  [{ url: 'http://dns.example' }, false, undefined],
  [{ url: 'dns.example', apiKey: 'key' }, true, 'url url'],
  [{ url: 'http://dns.example', apiKey: 7 }, true, 'apiKey kind'],
  [{ url: 'http://dns.example', apiKey: 'a b' }, true, 'apiKey characters'],
  [{ url: 'http://dns.example', apiKey: 'key', nameServers: [{ address: 'ns1' }] }, true, 'nameServers servers'],
  [{ region: 'eu' }, false, 'region unknown'],
])('%j: %s', (values, isWhole, told) => {
  const refusal = refuseCredentials('powerdns', values, { isWhole });
  expect(refusal && `${refusal.field} ${refusal.problem}`).toBe(told);
});
