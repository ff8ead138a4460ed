import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES, createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { admit } from './admit.ts';
import { acceptNoMore, isClosing } from './closing.ts';
import { edgeCheckHost, edgeProofHeader } from './edge-check.ts';
import { type EdgeContext, isHstsAllowed, pageFor } from './edge-context.ts';
import { Exchange, type UpstreamRequest } from './exchange.ts';
import type { PageAsker, PageKind } from './friendly-page.ts';
import { addForwarded, fieldLines, hostNameOf, plainAddress, type RequestHeaders, type ResponseHeaders, sortRequest } from './headers.ts';
import { originForm } from './origin-form.ts';
import { Slowness } from './pace.ts';
import type { RouteEntry } from './route-table.ts';
import { safeMethods } from './traffic.ts';
import { dropBody, isConversation, lengthOfEmpty, Upload } from './upload.ts';
import { passWebSocket } from './web-socket.ts';

const headMs = 15_000;
/** Limits of one HTTP/1.1 connection. A browser that opened a connection in advance gets a while to use it. */
const limits = {
  maxHeaderSize: 32_768,
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  // Refused here: behind Node's own refusal the next request would be carried out.
  requireHostHeader: false,
} as const;

/** `headersTimeout` is how long a head may take, drop by drop. */
export function http1Limits(context: EdgeContext): typeof limits & { headersTimeout: number; connectionsCheckingInterval: number } {
  const headersTimeout = context.headMs ?? headMs;
  return { ...limits, headersTimeout, connectionsCheckingInterval: headersTimeout / 5 };
}

/** An answer that ends its connection. */
export const refusalOf = (status: number, text: string): string =>
  `HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

export function askerOf(request: IncomingMessage): PageAsker {
  return { accept: request.headers.accept, acceptLanguage: request.headers['accept-language'] };
}

/** The rest of an answer that the visitor must still take is watched from this size on. */
export const watchedBytes = 16_384;

/** A body up to this size is copied rather than carried beside its head. */
export const joinedBytes = 8192;

class Http1Exchange extends Exchange {
  readonly #incoming: IncomingMessage;
  readonly #socket: Socket;
  readonly #response: ServerResponse;
  readonly #upload: Upload | undefined;
  readonly #slowness = new Slowness();
  #unwatch: (() => void) | undefined;

  constructor(context: EdgeContext, entry: RouteEntry, request: UpstreamRequest, incoming: IncomingMessage, response: ServerResponse) {
    super(context, entry, request, isHstsAllowed(context, (incoming.socket as TLSSocket).servername || undefined));
    this.#incoming = incoming;
    this.#socket = incoming.socket;
    this.#response = response;
    this.#upload = request.upload;
    response.on('close', () => {
      this.#unwatch?.();
      this.visitorLeft();
    });
    const { upload } = request;
    if (upload !== undefined)
      this.#watch(
        () => upload.movedBytes,
        () => !upload.isHeldUp && !upload.isEnded,
      );
  }

  #watch(movedBytes: () => number, isAwaited?: () => boolean): void {
    this.#unwatch?.();
    const giveUp = (): void => this.hangUp();
    this.#unwatch = this.context.pace.watch({
      movedBytes,
      giveUp,
      slowness: this.#slowness,
      ...(isAwaited === undefined ? {} : { isAwaited }),
    });
  }

  #onDrain(): void {
    this.#unwatch?.();
    this.resume();
  }

  protected sendInterim(status: number, headers: string[]): void {
    const { socket } = this.#response;
    // Only while nothing else stands before it on this connection; it is a hint, and may be left out.
    if (socket === null || this.#incoming.httpVersionMinor === 0 || this.#response.headersSent) return;
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Interim'}\r\n${fieldLines(headers)}\r\n`, 'latin1');
  }

  protected sendHead(status: number, reason: string, { headers, contentLength, hasTrailers, trailerNames }: ResponseHeaders): void {
    this.#unwatch?.();
    if (status === 205) headers.push('content-length', '0');
    else if (contentLength !== undefined) headers.push('content-length', String(contentLength));
    else if (hasTrailers && trailerNames !== undefined && this.#incoming.httpVersionMinor > 0) headers.push('trailer', trailerNames);
    if (this.context.drain.isOn) headers.push('connection', 'close');
    this.#response.writeHead(status, reason, headers);
  }

  protected flushHead(): void {
    this.#response.flushHeaders();
  }

  protected writeBody(chunk: Buffer): boolean {
    if (this.#response.write(chunk)) return true;
    this.#response.once('drain', () => this.#onDrain());
    this.#watch(() => this.#socket.bytesWritten);
    return false;
  }

  protected endBody(chunk: Buffer | undefined, trailers: string[]): void {
    if (this.#upload !== undefined) lingerFor(this.#upload, this.#socket);
    if (trailers.length > 0) this.#response.addTrailers(pairsOf(trailers));
    if (chunk === undefined) this.#response.end();
    // Head and body in one string are one write; a buffer beside a string are two, gathered again on the way.
    else if (chunk.length <= joinedBytes) this.#response.end(chunk.toString('latin1'), 'latin1');
    else this.#response.end(chunk);
    if (this.#socket.writableLength > watchedBytes) this.#watch(() => this.#socket.bytesWritten);
  }

  protected cut(): void {
    this.#socket.destroy();
  }

  protected hangUp(): void {
    this.#socket.destroy();
  }

  protected sendPage(kind: PageKind, cause: string): void {
    this.#unwatch?.();
    if (this.#upload !== undefined) lingerFor(this.#upload, this.#socket);
    sendHttp1Page(this.context, this.#incoming, this.#response, kind, this.entry, cause);
  }
}

const pairsOf = (raw: readonly string[]): [string, string][] => {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return pairs;
};

/**
 * Where the connection ends with this answer, and the visitor still sends: a close would reset it and take the answer along. So only our side ends,
 * until the other has sent all or is given up (RFC 9112 §9.6). Node calls `destroySoon` when the last answer of a connection has gone out.
 */
function lingerFor(upload: Upload, socket: Socket): void {
  if (upload.isEnded) return;
  socket.destroySoon = () => {
    socket.end();
    upload.whenEnded(() => socket.destroy());
  };
  upload.whenEnded(() => Reflect.deleteProperty(socket, 'destroySoon'));
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
  response.writeHead(page.status, context.drain.isOn ? [...page.headers, 'connection', 'close'] : page.headers);
  response.end(page.body);
}

/** A page for a request whose body nobody has looked at. */
function sendPageUnasked(
  context: EdgeContext,
  { incoming, response, sorted }: Asked,
  ...about: [PageKind, RouteEntry | undefined, string?]
): void {
  const { socket } = incoming;
  if (sorted.hasBody && !incoming.complete)
    lingerFor(
      dropBody(incoming, () => socket.destroy()),
      socket,
    );
  sendHttp1Page(context, incoming, response, ...about);
}

export function refuseHttp1({ socket }: IncomingMessage, response: ServerResponse): void {
  acceptNoMore(socket);
  response.writeHead(400, ['connection', 'close', 'content-length', '0']);
  response.end();
  response.once('finish', () => socket.destroySoon());
}

/** Our agent asks whether it is really this edge that answers: no visitor, and nothing for the log. */
function answerCheck(context: EdgeContext, incoming: IncomingMessage, response: ServerResponse): void {
  acceptNoMore(incoming.socket);
  response.writeHead(204, [edgeProofHeader, context.proof(), 'cache-control', 'no-store', 'connection', 'close']);
  response.end();
}

function handle(context: EdgeContext, incoming: IncomingMessage, response: ServerResponse): void {
  if (isClosing(incoming.socket)) return;
  if (!response.shouldKeepAlive || context.drain.isOn) acceptNoMore(incoming.socket);
  if (incoming.headers.host === edgeCheckHost) {
    answerCheck(context, incoming, response);
    return;
  }
  context.counters.requests += 1;
  const sorted = sortRequest(incoming.rawHeaders, incoming.httpVersionMinor);
  const path = sorted === undefined ? undefined : originForm(incoming.method ?? '', incoming.url ?? '', sorted.host ?? '');
  if (sorted?.host === undefined || path === undefined) {
    refuseHttp1(incoming, response);
    return;
  }
  const { host } = sorted;
  const asked: Asked = { incoming, response, sorted, host, path };
  const pass = (): void => passOn(context, asked);
  const entry = context.routes.find(hostNameOf(host));
  const admitted = admit(context, entry, response, pass, { mayWrite: !safeMethods.has(incoming.method ?? '') });
  if (admitted === 'full') sendPageUnasked(context, asked, 'starting', entry, 'too-many-held');
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
function passOn(context: EdgeContext, asked: Asked): void {
  const { incoming, response, sorted, host, path } = asked;
  const entry = context.routes.find(hostNameOf(host));
  if (entry === undefined) {
    sendPageUnasked(context, asked, 'unknown', undefined);
    return;
  }
  if (entry.route.state !== 'running') {
    sendPageUnasked(context, asked, entry.route.state, entry);
    return;
  }
  const address = plainAddress(incoming.socket.remoteAddress);
  const method = incoming.method ?? 'GET';
  const upload = sorted.hasBody
    ? new Upload(incoming, {
        length: sorted.length,
        isConversation: isConversation(incoming.headers['content-type']),
        trailers: () => incoming.rawTrailers,
      })
    : undefined;
  const request: UpstreamRequest = {
    method,
    path,
    headers: addForwarded(sorted.headers, host, { address, isSecure: true }),
    length: lengthOfEmpty(method, sorted.length),
    upload,
    address,
  };
  new Http1Exchange(context, entry, request, incoming, response).begin();
}

const refusals: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: refusalOf(431, 'Request Header Fields Too Large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: refusalOf(413, 'Payload Too Large'),
  ERR_HTTP_REQUEST_TIMEOUT: refusalOf(408, 'Request Timeout'),
};

/**
 * What cannot be read as HTTP gets 400, 408 or 431, unless an answer had begun, and the end of its connection: after such bytes nothing on it can be
 * trusted. Bytes behind a request that said it was the last cost it nothing. https://nodejs.org/api/http.html#event-clienterror
 */
export function refuseNonsense(server: Server): void {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    if (!isClosing(socket)) socket.end(refusalOf(405, 'Method Not Allowed'), () => socket.destroy());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = error.code ?? '';
    if (code === 'HPE_CLOSED_CONNECTION') return;
    acceptNoMore(socket);
    // Node keeps the answer that is under way there.
    const answer = Reflect.get(socket, '_httpMessage') as ServerResponse | null | undefined;
    if (socket.writable && answer?.headersSent !== true) socket.write(refusals[code] ?? refusalOf(400, 'Bad Request'));
    socket.destroy();
  });
}

export const isWebSocketUpgrade = (request: IncomingMessage): boolean => request.headers.upgrade?.toLowerCase() === 'websocket';

/** The HTTP/1.1 half of the edge. It never listens: connections are given to it after their TLS handshake. */
export function createHttp1Server(context: EdgeContext): Server {
  const server = createServer({ ...http1Limits(context), shouldUpgradeCallback: isWebSocketUpgrade }, (incoming, response) => {
    try {
      handle(context, incoming, response);
    } catch (error) {
      context.log.write('bug', { message: String(error), stack: error instanceof Error ? error.stack : '' });
      if (response.headersSent) incoming.socket.destroy();
      else sendHttp1Page(context, incoming, response, 'failed', undefined, 'bug');
    }
  });
  // Node would leave out what is above a count without a word; the size of the head is the limit.
  server.maxHeadersCount = 0;
  refuseNonsense(server);
  server.on('upgrade', (incoming, socket: Duplex, head: Buffer) => passWebSocket(context, incoming, socket, head));
  // Node looks for slow heads only after 'listening' (lib/_http_server.js, setupConnectionsTracking), and this server never listens by itself.
  server.emit('listening');
  return server;
}
