import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { admit } from './admit.ts';
import { edgeCheckHost, edgeProofHeader } from './edge-check.ts';
import { type EdgeContext, isHstsAllowed, pageFor } from './edge-context.ts';
import { Exchange, type UpstreamRequest } from './exchange.ts';
import type { PageAsker, PageKind } from './friendly-page.ts';
import { addForwarded, hostNameOf, plainAddress, type RequestHeaders, sortRequest } from './headers.ts';
import type { RouteEntry } from './route-table.ts';
import { passWebSocket } from './web-socket.ts';

const headMs = 15_000;
/** Limits of one HTTP/1.1 connection. A browser that opened a connection in advance gets a while to use it. */
const limits = {
  maxHeaderSize: 32_768,
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
} as const;

/** `headersTimeout` is how long a head may take, drop by drop. */
export function http1Limits(context: EdgeContext): typeof limits & { headersTimeout: number; connectionsCheckingInterval: number } {
  const headersTimeout = context.headMs ?? headMs;
  return { ...limits, headersTimeout, connectionsCheckingInterval: headersTimeout / 5 };
}

const refusal = (status: number, text: string): string => `HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

export function askerOf(request: IncomingMessage): PageAsker {
  return { accept: request.headers.accept, acceptLanguage: request.headers['accept-language'] };
}

class Http1Exchange extends Exchange {
  readonly #context: EdgeContext;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #entry: RouteEntry;
  #unwatch: (() => void) | undefined;

  constructor(context: EdgeContext, entry: RouteEntry, request: UpstreamRequest, incoming: IncomingMessage, response: ServerResponse) {
    super(context.traffic, entry, request, isHstsAllowed(context, (incoming.socket as TLSSocket).servername || undefined));
    this.#context = context;
    this.#entry = entry;
    this.#incoming = incoming;
    this.#response = response;
    response.on('close', () => {
      this.#unwatch?.();
      this.visitorLeft();
    });
    if (request.body !== null) this.#watch(() => incoming.socket.bytesRead);
  }

  #watch(movedBytes: () => number): void {
    this.#unwatch?.();
    this.#unwatch = this.#context.pace.watch({ movedBytes, giveUp: () => this.#incoming.socket.destroy() });
  }

  #onDrain(): void {
    this.#unwatch?.();
    this.resume();
  }

  protected sendHead(status: number, statusText: string, headers: string[]): void {
    this.#unwatch?.();
    if (this.#context.drain.isOn) headers.push('connection', 'close');
    this.#response.writeHead(status, statusText, headers);
  }

  protected flushHead(): void {
    this.#response.flushHeaders();
  }

  protected writeBody(chunk: Buffer): boolean {
    if (this.#response.write(chunk)) return true;
    const { socket } = this.#incoming;
    this.#response.once('drain', () => this.#onDrain());
    this.#watch(() => socket.bytesWritten);
    return false;
  }

  protected endBody(chunk: Buffer | undefined): void {
    if (chunk === undefined) this.#response.end();
    else this.#response.end(chunk);
  }

  protected cut(): void {
    this.#incoming.socket.destroy();
  }

  protected sendPage(kind: PageKind, cause: string): void {
    this.#unwatch?.();
    sendHttp1Page(this.#context, this.#incoming, this.#response, kind, this.#entry, cause);
  }
}

function sendHttp1Page(
  context: EdgeContext,
  incoming: IncomingMessage,
  response: ServerResponse,
  kind: PageKind,
  entry: RouteEntry | undefined,
  cause?: string,
): void {
  const host = hostNameOf(incoming.headers.host ?? '');
  const page = pageFor(context, kind, entry?.route, askerOf(incoming), { host, ...(cause === undefined ? {} : { cause }) });
  // A body that nobody reads must not be taken for the next request.
  const isUnread = !incoming.complete || context.drain.isOn;
  response.writeHead(page.status, isUnread ? [...page.headers, 'connection', 'close'] : page.headers);
  response.end(page.body);
}

/** `GET http://host/path` must be understood (RFC 9112 §3.2.2); its authority is the host, and another Host field beside it is ambiguous. */
export function originForm(url: string, host: string): string | undefined {
  if (url.startsWith('/')) return url;
  if (url === '*') return undefined;
  const match = /^https?:\/\/([^/?#]*)(\/[^#]*)?$/i.exec(url);
  return match?.[1]?.toLowerCase() === host.toLowerCase() ? (match[2] ?? '/') : undefined;
}

export function refuseHttp1(response: ServerResponse): void {
  response.writeHead(400, ['connection', 'close', 'content-length', '0']);
  response.end();
  response.once('finish', () => response.socket?.destroySoon());
}

/** Our agent asks whether it is really this edge that answers: no visitor, and nothing for the log. */
function answerCheck(context: EdgeContext, response: ServerResponse): void {
  response.writeHead(204, [edgeProofHeader, context.proof, 'cache-control', 'no-store', 'connection', 'close']);
  response.end();
}

function handle(context: EdgeContext, incoming: IncomingMessage, response: ServerResponse): void {
  if (incoming.headers.host === edgeCheckHost) {
    answerCheck(context, response);
    return;
  }
  context.counters.requests += 1;
  const sorted = sortRequest(incoming.rawHeaders, incoming.httpVersionMinor);
  const path = sorted === undefined ? undefined : originForm(incoming.url ?? '', sorted.host ?? '');
  if (sorted?.host === undefined || path === undefined) {
    refuseHttp1(response);
    return;
  }
  const { host } = sorted;
  const pass = (): void => passOn(context, { incoming, response, sorted, host, path });
  const entry = context.routes.find(hostNameOf(host));
  const admitted = admit(context, entry, response, pass);
  if (admitted === 'full') sendHttp1Page(context, incoming, response, 'starting', entry, 'too-many-held');
  if (admitted === 'go') pass();
}

type Asked = {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly sorted: RequestHeaders;
  readonly host: string;
  readonly path: string;
};

/** To the application, or the page that stands in its place now. */
function passOn(context: EdgeContext, { incoming, response, sorted, host, path }: Asked): void {
  const entry = context.routes.find(hostNameOf(host));
  if (entry === undefined) {
    sendHttp1Page(context, incoming, response, 'unknown', undefined);
    return;
  }
  if (entry.route.state !== 'running') {
    sendHttp1Page(context, incoming, response, entry.route.state, entry);
    return;
  }
  const visitor = { address: plainAddress(incoming.socket.remoteAddress), isSecure: true };
  const request: UpstreamRequest = {
    method: incoming.method ?? 'GET',
    path,
    headers: addForwarded(sorted.headers, host, visitor),
    body: sorted.hasBody ? incoming : null,
  };
  new Http1Exchange(context, entry, request, incoming, response).begin();
}

/**
 * What cannot be read as HTTP gets Node's own answer (400, 408 or 431, unless an answer had begun) and the end of its connection: after such
 * bytes nothing on it can be trusted. https://nodejs.org/api/http.html#event-clienterror
 */
export function refuseTunnels(server: Server): void {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => socket.end(refusal(405, 'Method Not Allowed')));
}

export const isWebSocketUpgrade = (request: IncomingMessage): boolean => request.headers.upgrade?.toLowerCase() === 'websocket';

/** The HTTP/1.1 half of the edge. It never listens: connections are given to it after their TLS handshake. */
export function createHttp1Server(context: EdgeContext): Server {
  const server = createServer({ ...http1Limits(context), shouldUpgradeCallback: isWebSocketUpgrade }, (incoming, response) => {
    try {
      handle(context, incoming, response);
    } catch (error) {
      context.log.write('bug', { message: String(error), stack: error instanceof Error ? error.stack : '' });
      incoming.socket.destroy();
    }
  });
  // Node would leave out what is above a count without a word; the size of the head is the limit.
  server.maxHeadersCount = 0;
  refuseTunnels(server);
  server.on('upgrade', (incoming, socket: Duplex, head: Buffer) => passWebSocket(context, incoming, socket, head));
  // Node looks for slow heads only after 'listening' (lib/_http_server.js, setupConnectionsTracking), and this server never listens by itself.
  server.emit('listening');
  return server;
}
