import * as z from 'zod';
import { api } from '../../../contract/api/index.ts';
import { windowKey } from '../../../contract/window-key.ts';
import { type At, type Attack, exchange, hostText, openPlain } from './attack.ts';
import { largestMessage, nastyMessage, nearly, socketFrame } from './nasty-values.ts';
import { inPieces, mutate, type Random } from './random.ts';

type Procedure = { readonly path: string; readonly schema: Record<string, unknown> | undefined };

/** Every procedure of the contract with the JSON schema of its input. */
function procedures(node: unknown, path: readonly string[] = []): Procedure[] {
  if (typeof node !== 'object' || node === null) return [];
  const definition = (node as { '~orpc'?: { inputSchema?: z.ZodType } })['~orpc'];
  if (definition === undefined) return Object.entries(node).flatMap(([name, below]) => procedures(below, [...path, name]));
  const { inputSchema } = definition;
  const schema =
    inputSchema === undefined
      ? undefined
      : (z.toJSONSchema(inputSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>);
  return [{ path: path.join('/'), schema }];
}

const all = procedures(api);
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Bytes, calls and socket messages at the console: as a stranger, as a window, and with the token of the command line. */
export function webConsole(at: At): Attack {
  const port = Number(at['port']);
  const [host, origin] = [hostText(at, 'host'), hostText(at, 'origin')];
  const token = `Authorization: Bearer ${hostText(at, 'token')}\r\n`;
  const browser = `Cookie: ${hostText(at, 'cookie')}\r\nOrigin: ${origin}\r\n`;
  const post = (path: string, body: Buffer, who: string): Buffer =>
    Buffer.concat([
      latin(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${who}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`),
      body,
    ]);
  const asWindow = `${browser}${hostText(at, 'keyName')}: ${hostText(at, 'key')}\r\n`;
  const pages = [
    latin(`GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nAccept-Language: ru\r\n\r\n`),
    latin(`GET /assets/main-1234.js HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=0-3,5-9\r\nIf-None-Match: "a"\r\n\r\n`),
    latin(`GET /api/v1/instances?text=a&limit=5 HTTP/1.1\r\nHost: ${host}\r\n${token}\r\n`),
    latin(`GET /api/v1/customers HTTP/1.1\r\nHost: ${host}\r\n${token}\r\n`),
    latin(`GET /enter?link=abc HTTP/1.1\r\nHost: ${host}\r\nCookie: a=%zz; ${hostText(at, 'cookie')}\r\n\r\n`),
    latin(
      `POST /api/v1/customers HTTP/1.1\r\nHost: ${host}\r\n${token}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n`,
    ),
    post('/rpc/customers/create', Buffer.from('{"json":{"name":"Anna","requestKey":"key-of-a-request-1"}}'), token),
  ];
  const upgrade = latin(
    `GET /link HTTP/1.1\r\nHost: ${host}\r\n${browser}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${windowKey.protocol}\r\n\r\n`,
  );
  const callOf = (random: Random): { readonly path: string; readonly json: unknown } => {
    const { path, schema } = random.pick(all);
    return { path, json: nearly(schema, random) };
  };
  const bytes = (random: Random): Buffer[] => inPieces(mutate(random.pick(pages), random, pages), random);
  const call = (random: Random): Buffer[] => {
    const { path, json } = callOf(random);
    const body = Buffer.from(JSON.stringify({ json })).subarray(0, largestMessage);
    return [post(`/rpc/${path}`, random.chance(8) ? mutate(body, random, pages) : body, random.chance(2) ? token : asWindow)];
  };
  const talk = (random: Random): Buffer[] => {
    const said = [upgrade];
    if (!random.chance(5)) said.push(socketFrame(Buffer.from(hostText(at, 'key')), random, true));
    for (let more = 1 + random.below(3); more > 0; more -= 1) {
      const { path, json } = callOf(random);
      const message = Buffer.from(JSON.stringify({ i: String(more), p: { u: `/${path}`, b: { json } } })).subarray(0, largestMessage);
      said.push(
        socketFrame(
          random.chance(3) && message.length < largestMessage ? nastyMessage(random, [message]) : message,
          random,
          !random.chance(8),
        ),
      );
    }
    return said;
  };
  return {
    once: async (random) => {
      const socket = await openPlain(port);
      if (socket !== undefined) await exchange(socket, random.pick([bytes, call, call, talk])(random));
    },
    check: async () => {
      const socket = await openPlain(port);
      if (socket === undefined) return 'no connection';
      const got = (await exchange(socket, [post('/rpc/settings/get', Buffer.from('{}'), token)], true)).toString('latin1');
      return got.startsWith('HTTP/1.1 200') ? undefined : `answered ${JSON.stringify(got.slice(0, 200))}`;
    },
    close: () => undefined,
  };
}
