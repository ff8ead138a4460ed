import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import { createRedaction, redactDriver } from './redaction.ts';

const secret = 'planted+/key&"quoted"';
const redact = createRedaction([secret, 'second-secret']);
const whole = (thrown: unknown): string =>
  `${inspect(thrown, { depth: 9, showHidden: true })} ${thrown instanceof Error ? thrown.stack : ''} ${JSON.stringify(thrown)}`;
const refused = (reason: string, cause?: unknown) =>
  new FarmError('DNS_REFUSED', { domain: 'farm.example', name: 'farm.example', server: 'dns.example', reason }, { cause });

test.each([
  ['as it is', secret],
  ['in an address', encodeURIComponent(secret)],
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ['as base64', Buffer.from(secret).toString('base64')],
  ['twice', `${secret} ${secret}`],
])('a secret that a server repeats %s is taken out of the coded error, and the rest stays', (_how, written) => {
  const shown = redact(refused(`key ${written} is wrong`));
  expect(shown).toMatchObject({ code: 'DNS_REFUSED', parameters: { domain: 'farm.example', reason: expect.stringMatching(/^key •••/) } });
  expect(shown).toBeInstanceOf(FarmError);
  expect(whole(shown)).not.toContain(written);
});

test('the beginning of a secret goes, where the server’s words were cut off in the middle of it', () => {
  const shown = redact(refused('wrong key: second-sec'));
  expect(shown).toMatchObject({ parameters: { reason: 'wrong key: •••' } });
});

test('a secret in a cause, a property or a nested request makes a plain error of the same name', () => {
  const request = { headers: { 'X-API-Key': 'second-secret' } };
  const bug = Object.assign(new TypeError('failed'), { config: { request } });
  for (const thrown of [bug, new Error('x', { cause: bug }), refused('refused', bug), 'second-secret', { request }])
    expect(whole(redact(thrown))).not.toContain('second-secret');
  expect(redact(bug)).toMatchObject({ name: 'TypeError', message: 'failed' });
});

test('what holds no secret is the same object, and what is too short to be one is left alone', () => {
  for (const thrown of [new Error('closed'), refused('no-name-servers'), undefined]) expect(redact(thrown)).toBe(thrown);
  const short = refused('abc is wrong');
  expect(createRedaction(['abc'])(short)).toBe(short);
  expect(createRedaction(['abcd'])(refused('abcd is wrong'))).toMatchObject({ parameters: { reason: '••• is wrong' } });
});

test('every act of a driver is redacted', async () => {
  const fail = () => Promise.reject(refused(`key ${secret}`));
  const acts = {
    findZone: fail,
    list: fail,
    apply: fail,
    authoritativeServers: fail,
    createZone: fail,
    reach: fail,
    faults: fail,
    removeZone: fail,
    close: fail,
  } satisfies Partial<DnsDriver>;
  const capabilities = { minTtlSeconds: 0, maxTtlSeconds: 1, isImmediate: true, canCreateZone: true };
  const driver = redactDriver({ kind: 'powerdns', capabilities, ...acts }, redact);
  const zone = { name: 'farm.example', id: '1' };
  const asked = [
    driver.findZone('farm.example'),
    driver.list(zone),
    driver.apply(zone, { kind: 'nothing' } as never),
    driver.authoritativeServers(zone),
    driver.createZone('farm.example', []),
    driver.reach(zone),
    driver.faults(zone),
    driver.removeZone?.('farm.example'),
    driver.close(),
  ];
  expect(asked).toHaveLength(Object.keys(acts).length);
  for (const answer of asked) await expect(answer).rejects.toMatchObject({ parameters: { reason: 'key •••' } });
});
