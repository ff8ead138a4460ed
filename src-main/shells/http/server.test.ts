import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '#contract/api/index.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { rawRequest, requestText } from '../../testing/raw-request.ts';
import { createOpenApiDocument } from './open-api-document.ts';

type CoreClient = ContractRouterClient<Api>;
let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore();
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
});

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const json = { 'Content-Type': 'application/json' };
const farm = JSON.stringify({ requestKey: 'key-from-a-form', name: 'Evil', language: 'en', timeZone: 'UTC' });
const ask = (method: string, path: string, headers: Record<string, string>, body?: string) =>
  rawRequest(http.port, requestText(method, path, { Host: http.host, ...headers }, body));
const bearer = (): Record<string, string> => ({ Authorization: `Bearer ${http.linkToken}` });

describe('who may not come in', () => {
  test.each(['localhost:{port}', 'evil.example', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example:{port}', '[::1]:{port}', ''])(
    'a Host of %j is misdirected (DNS rebinding)',
    async (host) => {
      for (const path of ['/', '/api/v1/settings', '/api/v1/openapi.json', '/assets/main-1234.js']) {
        const answer = await ask('GET', path, { Host: host.replace('{port}', String(http.port)), ...http.browser(), ...bearer() });
        expect([400, 421], path).toContain(answer.status);
        expect(answer.body).not.toContain('window');
      }
    },
  );

  test.each([
    ['a second Host of another name', `GET / HTTP/1.1\r\nHost: OURS\r\nHost: evil.example\r\n`, 400],
    ['a first Host of another name', `GET / HTTP/1.1\r\nHost: evil.example\r\nHost: OURS\r\n`, 400],
    ['the same Host twice', `GET / HTTP/1.1\r\nHost: OURS\r\nhost: OURS\r\n`, 400],
    ['no Host', `GET / HTTP/1.1\r\n`, 400],
    ['a bad % in the address', `GET /assets/%zz HTTP/1.1\r\nHost: OURS\r\n`, 400],
    ['half a % in the address', `GET /api/v1/instances/by-name/% HTTP/1.1\r\nHost: OURS\r\n`, 400],
    ['half a character in the address', `GET /assets/%c3 HTTP/1.1\r\nHost: OURS\r\n`, 400],
    ['a bad % behind the question mark', `GET /api/v1/settings?text=%zz HTTP/1.1\r\nHost: OURS\r\n`, 200],
    ['a field without a name', `GET / HTTP/1.1\r\nHost: OURS\r\n: x\r\n`, 400],
    ['a NUL in a field', `GET / HTTP/1.1\r\nHost: OURS\r\nX: a\0b\r\n`, 400],
    ['fields without an end', `GET / HTTP/1.1\r\nHost: OURS\r\nX: ${'x'.repeat(40_000)}\r\n`, 431],
    ['no request at all', `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n`, 400],
  ])('%s is refused by ourselves, in the form of every coded error', async (_what, head, status) => {
    const token = `Authorization: Bearer ${http.linkToken}\r\n`;
    const answer = await rawRequest(http.port, `${head.replaceAll('OURS', http.host)}${token}Connection: close\r\n\r\n`);
    expect(answer.status).toBe(status);
    if (status !== 200)
      expect(JSON.parse(answer.body)).toEqual({
        defined: true,
        code: 'REQUEST_UNREADABLE',
        status,
        message: 'REQUEST_UNREADABLE',
        data: {},
      });
    expect(answer.head).toMatch(/x-content-type-options: nosniff/i);
  });

  test('no cookie, a wrong cookie, a wrong token: 401 in the form of every coded error', async () => {
    for (const headers of [
      {},
      { Cookie: `farm_session_${http.port}=guess` },
      { Authorization: 'Bearer guess' },
      { Cookie: 'farm_session=x' },
    ]) {
      const answer = await ask('GET', '/api/v1/settings', headers);
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.body)).toEqual({ defined: true, code: 'SIGN_IN_NEEDED', status: 401, message: 'SIGN_IN_NEEDED', data: {} });
    }
  });

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:1', undefined])(
    'a write with cookie and key from origin %j does nothing (CSRF)',
    async (origin) => {
      const headers = { ...json, ...http.browser(), ...(origin === undefined ? {} : { Origin: origin }) };
      for (const path of ['/api/v1/settings/farm', '/rpc/settings/startFarm'])
        expect((await ask('POST', path, headers, farm)).status).toBe(401);
      expect((await core.client.settings.get()).farm).toBeUndefined();
    },
  );

  test('a read that another page began is refused too', async () => {
    expect((await ask('GET', '/api/v1/settings', { ...http.browser(), Origin: 'http://evil.example' })).status).toBe(401);
    expect((await ask('GET', '/api/v1/settings', { ...http.browser() })).status).toBe(200);
  });

  test('a body that is too long is not read', async () => {
    const head = { Host: http.host, ...bearer(), ...json };
    const tooLong = await rawRequest(http.port, requestText('POST', '/api/v1/settings/farm', { ...head, 'Content-Length': '4000001' }));
    expect(tooLong.status).toBe(413);
  });

  test('files outside the window are not served', async () => {
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/assets/../../x']) {
      const { status, body } = await ask('GET', path, {});
      expect([400, 403, 404]).toContain(status);
      expect(body).not.toContain('farmstead');
    }
  });
});

describe('the one-use link', () => {
  test('becomes a cookie and a key once; the second use is 403', async () => {
    const token = http.sessions.newLink();
    const first = await ask('POST', '/sign-in', { ...form, Origin: 'null' }, `token=${token}`);
    expect(first.status).toBe(200);
    const cookie = /set-cookie: ([^\r]+)/i.exec(first.head)?.[1] ?? '';
    expect(cookie).toMatch(new RegExp(`^farm_session_${http.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`));
    expect(first.head).not.toMatch(/location/i);
    const nonce = /script-src 'nonce-([^']+)'/.exec(first.head)?.[1] ?? '';
    const key = /setItem\('farmstead\.window-key', '([\w-]{43})'\)/.exec(first.body)?.[1] ?? '';
    expect(first.body).toContain(`<script nonce="${nonce}">`);
    const pair = { Cookie: cookie.split(';')[0] ?? '', 'X-Farm-Window-Key': key };
    expect((await ask('GET', '/api/v1/settings', pair)).status).toBe(200);
    for (const half of [{ Cookie: pair.Cookie }, { 'X-Farm-Window-Key': key }])
      expect((await ask('GET', '/api/v1/settings', half)).status).toBe(401);
    expect((await ask('POST', '/sign-in', form, `token=${token}`)).status).toBe(403);
  });

  test('is good for 60 s', async () => {
    const [early, late] = [http.sessions.newLink(), http.sessions.newLink()];
    http.clock.advance(60_000);
    expect((await ask('POST', '/sign-in', form, `token=${early}`)).status).toBe(200);
    http.clock.advance(1);
    const answer = await ask('POST', '/sign-in', form, `token=${late}`);
    expect(answer.status).toBe(403);
    expect(answer.head).not.toMatch(/set-cookie/i);
  });

  test('stands in no address: a GET with it gives nothing', async () => {
    const answer = await ask('GET', `/sign-in?token=${http.sessions.newLink()}`, {});
    expect(answer.head).not.toMatch(/set-cookie/i);
  });

  test.each([
    ['language=ru', "location.replace('/?language=ru')"],
    ['language=en', "location.replace('/?language=en')"],
    ['language=de', "location.replace('/')"],
    ['language="><script>', "location.replace('/')"],
    ['', "location.replace('/')"],
  ])('leads to the window, with the language that was asked for if we speak it (%j)', async (field, target) => {
    const answer = await ask('POST', '/sign-in', form, `token=${http.sessions.newLink()}&${field.replace('"><', '%22%3E%3C')}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(target);
    expect(answer.body.match(/<script/g)).toHaveLength(1);
  });

  test('a new one is given to the holder of link.json only', async () => {
    for (const body of ['', '{}', '{"demo":{"language":"en"}}'])
      expect((await ask('POST', '/show', { ...json, ...http.browser(), Origin: http.origin }, body)).status).toBe(401);
    expect((await core.client.settings.get()).demo.step).toBe('none');
    const answer = await ask('POST', '/show', bearer());
    expect(JSON.parse(answer.body)).toEqual({ token: expect.stringMatching(/^[\w-]{43}$/) });
  });
});

describe('the page', () => {
  test('has a strict policy with a nonce of its own each time', async () => {
    const [one, two] = [await ask('GET', '/', {}), await ask('GET', '/', {})];
    const nonces = [one, two].map(({ head, body }) => {
      const nonce = /'nonce-([^']+)'/.exec(head)?.[1] ?? '';
      expect(body).toContain(`nonce="${nonce}"`);
      expect(head).toContain("default-src 'none'; script-src 'self'");
      expect(head).toContain(`connect-src 'self' ws://${http.host};`);
      expect(head).toContain("frame-ancestors 'none'");
      expect(head).not.toMatch(/unsafe-|\*/);
      return nonce;
    });
    expect(new Set(nonces).size).toBe(2);
  });
});

test('the contract is spoken over the socket for as long as it is open', async () => {
  const socket = await http.openSocket();
  const client: CoreClient = createORPCClient(new RPCLink({ websocket: socket as never }));
  expect((await client.settings.get()).version).toBe('0.1.0');
  for await (const event of await client.monitoring.watch()) {
    expect(event.kind).toBe('snapshot');
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  await expect(client.instances.find({ name: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  socket.close();
});

describe('REST', () => {
  test('answers coded errors with their status and parameters', async () => {
    const answer = await ask('GET', '/api/v1/instances/by-name/nobody', bearer());
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ defined: true, code: 'NOT_FOUND', status: 404, data: { kind: expect.any(String) } });
    const unknown = await ask('GET', '/api/v1/nothing', bearer());
    expect(unknown.status).toBe(404);
  });

  test('says what a reference leads to, to whoever has signed in; a path in its place leads nowhere', async () => {
    const found = await ask('GET', '/api/v1/references/f-2c9q41', bearer());
    expect([found.status, JSON.parse(found.body)]).toEqual([200, { reference: 'F-2C9Q41', found: [], unasked: [] }]);
    expect((await ask('GET', '/api/v1/references/f-2c9q41', {})).status).toBe(401);
    for (const text of ['..%2f..%2fcore.log', '%00', 'x'.repeat(150), '%E2%80%AE4F7K-2MQX']) {
      const answer = await ask('GET', `/api/v1/references/${text}`, bearer());
      expect([answer.status, JSON.parse(answer.body)], text).toEqual([
        422,
        expect.objectContaining({ code: expect.stringMatching(/_INVALID$/) }),
      ]);
    }
    const { paths } = await createOpenApiDocument('0.1.0');
    expect(paths?.['/references/{reference}']?.get).toMatchObject({ operationId: 'monitoring.find' });
  });

  test('streams as server-sent events, as curl reads them', async () => {
    const text = requestText('GET', '/api/v1/monitoring/watch', { Host: http.host, ...bearer() });
    const answer = await rawRequest(http.port, text);
    expect(answer.status).toBe(200);
    expect(answer.head).toMatch(/content-type: text\/event-stream/i);
    expect(answer.body).toMatch(/event: message/);
    expect(answer.body).toContain('"kind":"snapshot"');
  });

  test('tells the end of what was followed as an event, with its code', async () => {
    const text = requestText('GET', '/api/v1/instances/by-name/nobody/watch', { Host: http.host, ...bearer() });
    const answer = await rawRequest(http.port, text);
    expect([answer.status, answer.body.includes('event: error'), answer.body.includes('"code":"NOT_FOUND"')]).toEqual([200, true, true]);
    const { paths } = await createOpenApiDocument('0.1.0');
    expect(paths?.['/instances/by-name/{name}/watch']?.get).toMatchObject({ operationId: 'instances.watchOne', tags: ['instances'] });
  });

  test('its OpenAPI 3.1 document is valid, and every route says what it is for', async () => {
    const document = await createOpenApiDocument('0.1.0');
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(document.openapi).toMatch(/^3\.1/);
    const routes = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path ?? {}));
    expect(routes.length).toBeGreaterThan(40);
    for (const route of routes) expect(route).toMatchObject({ summary: expect.stringMatching(/.{5}/), tags: [expect.any(String)] });
    expect((await ask('GET', '/api/v1/openapi.json', {})).status).toBe(200);
  });
});
