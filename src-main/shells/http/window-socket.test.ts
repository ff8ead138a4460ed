import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { windowKey } from '#contract/window-key.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { rawRequest, requestText } from '../../testing/raw-request.ts';
import { mostWaiting } from './window-socket.ts';

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

const path = (): string => `ws://${http.host}/link`;
const ours = (): Record<string, string> => ({ Cookie: http.cookie(), Origin: http.origin });
/** A call of the contract in the library's own framing, as a window sends it. */
const startFarm = (): string =>
  JSON.stringify({
    i: '1',
    p: { u: '/settings/startFarm', b: { json: { name: 'Evil', language: 'en', timeZone: 'UTC', requestKey: core.key() } } },
  });
const hasFarm = async (): Promise<boolean> => (await core.client.settings.get()).farm !== undefined;

/** How it goes with a socket that says these messages as soon as it is open: its status, or the code of its end. */
function knock(headers: Record<string, string>, messages: readonly string[], protocols: readonly string[] = [windowKey.protocol]) {
  return new Promise<number | string>((resolve) => {
    const socket = new WebSocket(path(), [...protocols], { headers });
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      resolve(response.statusCode ?? 0);
    });
    socket.once('error', () => undefined);
    socket.once('open', () => {
      for (const message of messages) socket.send(message);
    });
    socket.once('message', (data) => {
      socket.terminate();
      resolve(data instanceof Buffer ? data.toString() : 'odd');
    });
    socket.once('close', resolve);
  });
}

test('opens for our own page with its cookie and key, and for nobody else', async () => {
  const { Cookie, [windowKey.header]: key } = http.browser();
  expect(await knock({ Cookie, Origin: http.origin }, [key])).toBe('ready');
  for (const headers of [{ Cookie, Origin: 'http://evil.example' }, { Cookie }, { Origin: http.origin }])
    expect(await knock(headers, [key])).toBe(401);
  expect(await knock({ Cookie, Origin: http.origin, Host: 'evil.example' }, [key])).toBe(421);
});

test('a leaked cookie opens no call: neither first, nor behind a wrong key, nor with the key of another browser', async () => {
  const other = http.browser()[windowKey.header];
  for (const messages of [[startFarm()], ['', startFarm()], ['x'.repeat(43), startFarm()], [other, startFarm()], ['x'.repeat(2_000_000)]])
    expect(await knock(ours(), messages)).toBe(windowKey.refusedCode);
  expect(await hasFarm()).toBe(false);
});

test('a window of before there were keys is told that it is signed out, and does not wait on a silent socket', async () => {
  expect(await knock(ours(), [startFarm()], [])).toBe(401);
  const why = await rawRequest(http.port, requestText('GET', '/api/v1/settings', { Host: http.host, Cookie: http.cookie() }));
  expect([why.status, JSON.parse(why.body).code]).toEqual([401, 'SIGN_IN_NEEDED']);
});

test('sockets that open and say nothing end by themselves, are few, and keep no window away for long', async () => {
  const silent = Array.from({ length: mostWaiting }, () => new WebSocket(path(), windowKey.protocol, { headers: ours() }));
  await Promise.all(silent.map((socket) => once(socket, 'open')));
  expect(await knock(ours(), [])).toBe(1013);
  await Promise.all(silent.map((socket) => once(socket, 'close')));
  await vi.waitFor(async () => (await http.openSocket()).terminate());
}, 20_000);

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'])(
  'a call by %s writes nothing: POST only, for the page as for the command line',
  async (method) => {
    const input = { json: { name: 'Evil', language: 'en', timeZone: 'UTC', requestKey: core.key() } };
    const target = `/rpc/settings/startFarm?data=${encodeURIComponent(JSON.stringify(input))}`;
    const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade' };
    for (const who of [{ Authorization: `Bearer ${http.linkToken}` }, { ...http.browser(), Origin: http.origin }, ours()])
      for (const body of ['', JSON.stringify(input)]) {
        const headers = { Host: http.host, 'Content-Type': 'application/json', ...who };
        const answer = await rawRequest(http.port, requestText(method, target, headers, body));
        expect([answer.status, /^allow: POST$/im.test(answer.head)]).toEqual([405, true]);
        await rawRequest(http.port, requestText(method, target, { ...headers, ...upgrade }, body));
      }
    expect(await hasFarm()).toBe(false);
  },
);

test('a call by POST goes on, for the page with its key and for the command line', async () => {
  for (const who of [{ Authorization: `Bearer ${http.linkToken}` }, { ...http.browser(), Origin: http.origin }]) {
    const headers = { Host: http.host, 'Content-Type': 'application/json', ...who };
    expect((await rawRequest(http.port, requestText('POST', '/rpc/settings/get', headers, '{}'))).status).toBe(200);
  }
});
