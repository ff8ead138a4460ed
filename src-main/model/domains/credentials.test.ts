import { expect, test } from 'vitest';
import {
  changeCredentials,
  hasLogins,
  liftLogins,
  onlyFields,
  refuseCredentials,
  refuseKeptSecrets,
  serverOf,
  splitSecrets,
} from './credentials.ts';

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

test.each([
  ['http://user:pa%40ss@dns.example:8081/api', { url: 'http://dns.example:8081/api', login: 'user:pa@ss' }],
  ['https://user@dns.example', { url: 'https://dns.example', login: 'user:' }],
  ['http://user:100%@dns.example', { url: 'http://dns.example', login: 'user:100%' }],
  ['http://user:a:b@dns.example', { url: 'http://dns.example', login: 'user:a:b' }],
  ['http://:@dns.example', { url: 'http://dns.example' }],
  ['http://@dns.example', { url: 'http://dns.example' }],
])('what stands before the host of %s goes to its own field', (url, lifted) => {
  expect(liftLogins('powerdns', { url, apiKey: 'key' })).toEqual({ apiKey: 'key', ...lifted });
  expect(hasLogins('powerdns', { url })).toBe(true);
  expect(liftLogins('powerdns', { url, apiKey: 'key', login: 'kept:already' })).toMatchObject({ login: 'kept:already' });
  expect(refuseCredentials('powerdns', liftLogins('powerdns', { url, apiKey: 'key' }), { isWhole: true })).toBeUndefined();
});

test('an address without a name and password stays as it is', () => {
  const values = { url: 'http://dns.example/a@b', apiKey: 'key' };
  expect(liftLogins('powerdns', values)).toBe(values);
  expect(hasLogins('powerdns', values)).toBe(false);
  expect(hasLogins('builtin', {})).toBe(false);
});

test('a name and password for a proxy do not go along to another place', () => {
  const before = { url: 'http://dns.example', apiKey: 'key', login: 'user:pass' };
  expect(changeCredentials('powerdns', before, { url: 'http://dns.example/api' })).toEqual({ ...before, url: 'http://dns.example/api' });
  expect(changeCredentials('powerdns', before, { apiKey: 'new' })).toEqual({ ...before, apiKey: 'new' });
  const elsewhere = { url: 'http://other.example', apiKey: 'other' };
  expect(changeCredentials('powerdns', before, elsewhere)).toEqual(elsewhere);
  expect(refuseKeptSecrets('powerdns', before, elsewhere)).toBeUndefined();
  expect(refuseKeptSecrets('powerdns', before, { url: elsewhere.url, login: 'user:pass' })).toMatchObject({
    field: 'apiKey',
    problem: 'again',
  });
});
