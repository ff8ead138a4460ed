import {
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  constants,
  createServer,
} from 'node:http2';
import { PassThrough, type Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { admit } from './admit.ts';
import { type EdgeContext, isHstsAllowed, pageFor } from './edge-context.ts';
import { Exchange, type UpstreamRequest } from './exchange.ts';
import type { PageAsker, PageKind } from './friendly-page.ts';
import { addForwarded, hostNameOf, plainAddress, type RequestHeaders, sortRequest } from './headers.ts';
import type { RouteEntry } from './route-table.ts';
import { passWebSocketStream } from './web-socket.ts';

const idleSessionMs = 75_000;
const highestStreamId = 2 ** 31 - 1;
/** Longer than a round trip: what a visitor sent before our first GOAWAY reached it is still answered. */
const lastCallMs = 2_000;

type Head = IncomingHttpHeaders;

const askerOf = (head: Head): PageAsker => ({ accept: head.accept, acceptLanguage: head['accept-language'] });

/** HTTP/2 wants lower-case names and one value per name or a list. */
function asObject(status: number, headers: readonly string[]): Record<string, string | string[] | number> {
  const object: Record<string, string | string[] | number> = { ':status': status };
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase();
    const value = headers[at + 1] ?? '';
    const before = object[name];
    if (before === undefined) object[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else object[name] = name === 'set-cookie' ? [String(before), value] : `${before}, ${value}`;
  }
  return object;
}

class Http2Exchange extends Exchange {
  readonly #context: EdgeContext;
  readonly #stream: ServerHttp2Stream;
  readonly #head: Head;
  readonly #entry: RouteEntry;
  #unwatch: (() => void) | undefined;
  #movedBytes = 0;

  constructor(context: EdgeContext, entry: RouteEntry, request: UpstreamRequest, stream: ServerHttp2Stream, head: Head) {
    super(
      context.traffic,
      entry,
      request,
      isHstsAllowed(context, (stream.session?.socket as TLSSocket | undefined)?.servername || undefined),
    );
    this.#context = context;
    this.#entry = entry;
    this.#stream = stream;
    this.#head = head;
    stream.on('close', () => {
      this.#unwatch?.();
      this.visitorLeft();
    });
    if (request.body === null) return;
    // The session's socket is not to be touched, so the body counts for itself.
    request.body.on('data', (chunk: Buffer) => {
      this.#movedBytes += chunk.length;
    });
    request.body.pause();
    this.#watch();
  }

  #watch(): void {
    this.#unwatch?.();
    this.#unwatch = this.#context.pace.watch({
      movedBytes: () => this.#movedBytes,
      giveUp: () => this.#stream.destroy(new Error('too slow')),
    });
  }

  protected sendHead(status: number, _statusText: string, headers: string[]): void {
    this.#unwatch?.();
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    const object = asObject(status, headers);
    const isEmpty = this.#head[':method'] === 'HEAD' || status === 204 || status === 304;
    this.#stream.respond(object, isEmpty ? { endStream: true } : undefined);
  }

  protected flushHead(): void {
    // respond() has sent it
  }

  protected writeBody(chunk: Buffer): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    if (this.#stream.write(chunk)) return true;
    this.#movedBytes = 0;
    this.#watch();
    this.#stream.once('drain', () => {
      this.#unwatch?.();
      this.resume();
    });
    return false;
  }

  protected endBody(chunk: Buffer | undefined): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    if (chunk === undefined) this.#stream.end();
    else this.#stream.end(chunk);
  }

  protected cut(): void {
    // close() would first end the stream, and a short answer would look whole; this resets it.
    this.#stream.destroy(new Error('cut'));
  }

  protected sendPage(kind: PageKind, cause: string): void {
    this.#unwatch?.();
    sendHttp2Page(this.#context, this.#stream, this.#head, kind, this.#entry, cause);
  }
}

function sendHttp2Page(
  context: EdgeContext,
  stream: ServerHttp2Stream,
  head: Head,
  kind: PageKind,
  entry: RouteEntry | undefined,
  cause?: string,
): void {
  if (stream.destroyed || stream.headersSent) return;
  const host = hostNameOf(head[':authority'] ?? '');
  // "This connection is not for that host": the browser tries again on one of its own (RFC 9110 §15.5.20, RFC 9113 §9.1.1).
  const status = kind === 'unknown' ? constants.HTTP_STATUS_MISDIRECTED_REQUEST : undefined;
  const about = { host, ...(status === undefined ? {} : { status }), ...(cause === undefined ? {} : { cause }) };
  const page = pageFor(context, kind, entry?.route, askerOf(head), about);
  const isHead = head[':method'] === 'HEAD';
  stream.respond(asObject(page.status, page.headers), { endStream: isHead });
  if (!isHead) stream.end(page.body);
}

/** undici destroys a body that does not destroy itself when it has ended; on HTTP/2 that would be the answer's stream too. */
function bodyOf(stream: ServerHttp2Stream): Readable {
  const body = new PassThrough();
  stream.pipe(body);
  stream.on('close', () => {
    if (!body.writableEnded) body.destroy();
  });
  body.on('error', () => undefined);
  return body;
}

function handle(context: EdgeContext, stream: ServerHttp2Stream, head: Head, flags: number, raw: readonly string[]): void {
  context.counters.requests += 1;
  const plain: string[] = [];
  let cookie = '';
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    // Browsers split cookies into crumbs; HTTP/1.1 wants them in one field (RFC 9113 §8.2.3).
    if (name === 'cookie') cookie = cookie === '' ? value : `${cookie}; ${value}`;
    else if (!name.startsWith(':') && name !== 'host') plain.push(name, value);
  }
  if (cookie !== '') plain.push('cookie', cookie);
  const authority = head[':authority'] ?? head.host;
  const path = head[':path'] ?? '';
  const sorted = sortRequest(plain, 1);
  const isBad = authority === undefined || sorted === undefined || !path.startsWith('/');
  if (isBad || (head.host !== undefined && head.host.toLowerCase() !== authority.toLowerCase())) {
    stream.respond({ ':status': 400 }, { endStream: true });
    return;
  }
  const pass = (): void =>
    passOn(context, { stream, head, sorted, authority, path, hasBody: (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0 });
  const entry = context.routes.find(hostNameOf(authority));
  const admitted = admit(context, entry, stream, pass);
  if (admitted === 'full') sendHttp2Page(context, stream, head, 'starting', entry, 'too-many-held');
  if (admitted === 'go') pass();
}

type Asked = {
  readonly stream: ServerHttp2Stream;
  readonly head: Head;
  readonly sorted: RequestHeaders;
  readonly authority: string;
  readonly path: string;
  readonly hasBody: boolean;
};

/** To the application, or the page that stands in its place now. */
function passOn(context: EdgeContext, { stream, head, sorted, authority, path, hasBody }: Asked): void {
  if (stream.destroyed) return;
  const entry = context.routes.find(hostNameOf(authority));
  if (entry === undefined) {
    sendHttp2Page(context, stream, head, 'unknown', undefined);
    return;
  }
  if (entry.route.state !== 'running') {
    sendHttp2Page(context, stream, head, entry.route.state, entry);
    return;
  }
  if (head[':method'] === 'CONNECT') {
    if (head[':protocol'] !== 'websocket') stream.respond({ ':status': 501 }, { endStream: true });
    else passWebSocketStream(context, stream, { entry, path, host: authority, headers: sorted.headers });
    return;
  }
  const visitor = { address: plainAddress(stream.session?.socket.remoteAddress), isSecure: true };
  const request: UpstreamRequest = {
    method: head[':method'] ?? 'GET',
    path,
    headers: addForwarded(sorted.headers, authority, visitor),
    body: hasBody ? bodyOf(stream) : null,
  };
  new Http2Exchange(context, entry, request, stream, head).begin();
}

export type Http2Half = { readonly server: Http2Server; readonly drain: () => void };

/** The HTTP/2 half of the edge. It never listens: connections are given to it after their TLS handshake. */
export function createHttp2Half(context: EdgeContext): Http2Half {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({
    maxSessionMemory: 16,
    maxHeaderListPairs: 200,
    settings: { enableConnectProtocol: true, maxConcurrentStreams: 128, maxHeaderListSize: 32_768, initialWindowSize: 262_144 },
  });
  const bow = (session: ServerHttp2Session): void => {
    // First "no new streams, please", later the number of the last one: no request is lost between the two (RFC 9113 §6.8).
    session.goaway(constants.NGHTTP2_NO_ERROR, highestStreamId);
    setTimeout(() => session.close(), lastCallMs).unref();
  };
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    let open = 0;
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
    session.on('stream', (stream: ServerHttp2Stream) => {
      open += 1;
      stream.on('close', () => {
        open -= 1;
      });
    });
    // A long answer may be silent; only a session without any stream is idle.
    session.setTimeout(idleSessionMs, () => {
      if (open === 0) session.close();
    });
    if (context.drain.isOn) bow(session);
  });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, head, flags, raw) => {
    stream.on('error', () => undefined);
    try {
      // Types of @types/node 24.19 say object; Node hands over name, value, name, value …
      handle(context, stream, head, flags, raw as unknown as string[]);
    } catch (error) {
      context.log.write('bug', { message: String(error), stack: error instanceof Error ? error.stack : '' });
      stream.destroy(new Error('bug'));
    }
  });
  return {
    server,
    drain: () => {
      for (const session of sessions) bow(session);
    },
  };
}
