import { once } from 'node:events';
import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Api } from '#contract/api/index.ts';
import { windowKey } from '#contract/window-key.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { rawRequest, requestText } from '../../testing/raw-request.ts';
import { mostStreams } from './guard.ts';
import { mostWaiting } from './window-socket.ts';

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

test.each([
  ['no JSON', '{"i"'],
  ['null', 'null'],
  ['no address', '{"i":"1","p":{}}'],
  ['an address that is none', '{"i":"1","p":{"u":"x"}}'],
  ['bytes', Buffer.alloc(9, 255)],
])(
  'a message that is no call (%s) ends its socket in words of the protocol, with one line in the log and no stack on the error output',
  async (_what, message) => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const before = core.logLines.length;
    const socket = await http.openSocket();
    for (let times = 0; times < 50; times += 1) socket.send(message);
    const [code] = await once(socket, 'close');
    expect(code).toBe(1007);
    expect(core.logLines.slice(before).filter((line) => line.includes('window-message'))).toHaveLength(1);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
    (await http.openSocket()).terminate();
  },
);

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

describe('one client that follows thousands of things', () => {
  test('over one socket gets a few dozen of them, the rest are refused in words, and others are answered meanwhile', async () => {
    const greedy: CoreClient = createORPCClient(new RPCLink({ websocket: (await http.openSocket()) as never }));
    const other: CoreClient = createORPCClient(new RPCLink({ websocket: (await http.openSocket()) as never }));
    const answers = Array.from({ length: 2000 }, () =>
      greedy.monitoring.watch().then(
        async (stream) => {
          for await (const event of stream) return event.kind;
          return 'none';
        },
        (error: unknown) => (error instanceof ORPCError ? String(error.code) : 'odd'),
      ),
    );
    let isOver = false;
    const all = Promise.all(answers).finally(() => (isOver = true));
    await other.settings.get();
    expect(isOver).toBe(false);
    const counts = Map.groupBy(await all, (each) => each);
    expect([counts.get('snapshot')?.length, counts.get('TOO_MANY_STREAMS')?.length]).toEqual([mostStreams, 2000 - mostStreams]);
  }, 60_000);

  test('has its places back when it has let go, whether it read or not', async () => {
    const client: CoreClient = createORPCClient(new RPCLink({ websocket: (await http.openSocket()) as never }));
    for (let round = 0; round < 3; round += 1) {
      const stop = new AbortController();
      const streams = await Promise.all(
        Array.from({ length: mostStreams }, () => client.monitoring.watch(undefined, { signal: stop.signal })),
      );
      await streams[0]?.next();
      stop.abort();
      await vi.waitFor(async () => {
        const again = await client.monitoring.watch();
        await again.next();
        await again.return?.();
      });
    }
  }, 60_000);

  test('over HTTP is bounded too', async () => {
    const stop = new AbortController();
    const headers = { Authorization: `Bearer ${http.linkToken}` };
    const answers = await Promise.all(
      Array.from({ length: 150 }, () => fetch(`${http.origin}/api/v1/monitoring/watch`, { headers, signal: stop.signal })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(50);
    expect(await refused[0]?.json()).toMatchObject({ code: 'TOO_MANY_STREAMS', data: { most: 96 } });
    stop.abort();
    await vi.waitFor(async () => {
      const again = await fetch(`${http.origin}/api/v1/monitoring/watch`, { headers, signal: AbortSignal.timeout(5000) });
      expect(again.status).toBe(200);
      await again.body?.cancel();
    });
  }, 60_000);
});
