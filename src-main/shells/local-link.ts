import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node';
import type { Language } from '#contract/ids.ts';
import type { Core } from '../compose.ts';
import type { RequestContext } from '../ports/request.ts';
import { answerShow, type DemoAnswer, longestShowBytes } from './answer-show.ts';

export type LocalLink = { readonly origin: string; readonly token: string; readonly close: () => Promise<void> };

const longestBodyBytes = 4_000_000;

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ defined: true, code, status, message: code, data: {} }));
}

/** The whole body as text; undefined when it is longer than `mostBytes`. */
async function readBody(request: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of request) {
    if (!(piece instanceof Buffer)) throw new TypeError('a body without an encoding comes in bytes');
    sizeBytes += piece.length;
    if (sizeBytes > mostBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function isBearer(request: IncomingMessage, token: string): boolean {
  const [given, wanted] = [Buffer.from(request.headers.authorization ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/**
 * The listener for command lines beside a desktop window: the contract's calls on a free port of literal loopback, for the bearer of the token only.
 * No browser may use it: a foreign Host, any Origin, and anything without the token are refused. `show` brings the window to the front, in a language
 * if the second start named one; `startDemo` (see `demoStarter`) makes a demo farm where there is no farm.
 */
export async function startLocalLink(options: {
  readonly router: Core['router'];
  readonly operatorName: string;
  readonly show: (language?: Language) => void;
  readonly startDemo?: (language: Language) => Promise<DemoAnswer>;
}): Promise<LocalLink> {
  const token = randomBytes(32).toString('base64url');
  const handler = new RPCHandler<RequestContext>(options.router, { plugins: [new BodyLimitPlugin({ maxBodySize: longestBodyBytes })] });
  const context: RequestContext = { actor: { kind: 'operator', name: options.operatorName }, permission: 'own' };
  let origin = '';
  const showWindow = (language: Language | undefined): Record<string, never> => {
    options.show(language);
    return {};
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (`http://${request.headers.host}` !== origin) return refuse(response, 421, 'MISDIRECTED');
    if (request.headers.origin !== undefined || !isBearer(request, token)) return refuse(response, 401, 'SIGN_IN_NEEDED');
    if (request.method === 'POST' && request.url === '/show') {
      const body = await readBody(request, longestShowBytes);
      if (body === undefined) return refuse(response, 413, 'BODY_TOO_LARGE');
      const shown = await answerShow(body, { show: showWindow, startDemo: options.startDemo });
      if (shown === undefined) return refuse(response, 400, 'NOT_FOUND');
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(shown));
      return;
    }
    // The contract library takes any method for a call.
    if (request.method !== 'POST') return refuse(response, 405, 'METHOD_NOT_ALLOWED');
    const { matched } = await handler.handle(request, response, { prefix: '/rpc', context });
    if (!matched) refuse(response, 404, 'NOT_FOUND');
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  origin = `http://127.0.0.1:${address.port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin, token, close };
}
