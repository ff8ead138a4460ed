import { expect, test } from 'vitest';
import { dnsRequest, fieldsOf, kindsOf, type ProviderKind, providers } from './providers.ts';

const kinds = Object.keys(providers) as ProviderKind[];

test.each(kinds)('%s describes each of its fields once, and none has a name that its row keeps for itself', (kind) => {
  const names = fieldsOf(kind).map(({ name }) => name);
  expect(names.toSorted()).toEqual(Object.keys(providers[kind].credentials.shape).toSorted());
  // the farm keeps its wildcard beside a domain's settings, and a request says its kind beside its fields
  for (const taken of ['kind', 'wildcard']) expect(names).not.toContain(taken);
  for (const name of names) expect(name).toMatch(/^[a-z][a-zA-Z0-9]*$/);
  for (const { format, isSecret } of fieldsOf(kind)) expect(isSecret || format !== 'password').toBe(true);
});

test('a field that a provider does not know is refused, not dropped', () => {
  expect(kindsOf('dns')).toEqual(expect.arrayContaining(['builtin', 'powerdns']));
  const request = { kind: 'powerdns', url: 'http://127.0.0.1:8081', apiKey: 'key' };
  expect(dnsRequest.safeParse(request).success).toBe(true);
  expect(dnsRequest.safeParse({ ...request, apikey: 'key' }).success).toBe(false);
  expect(dnsRequest.safeParse({ kind: 'nobody' }).success).toBe(false);
  const issues = dnsRequest.safeParse({ ...request, apiKey: 'a b' }).error?.issues;
  expect(issues?.map(({ path }) => path)).toEqual([['apiKey']]);
  expect(JSON.stringify(issues)).not.toContain('a b');
});
