import { type Http2Server, type ServerHttp2Session, type ServerHttp2Stream, constants, createServer } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { admit } from './admit.ts';
import { type EdgeContext, isHstsAllowed, pageFor } from './edge-context.ts';
import { Exchange, type UpstreamRequest } from './exchange.ts';
import type { PageAsker, PageKind } from './friendly-page.ts';
import { addForwarded, hostNameOf, plainAddress, type RequestHeaders, type ResponseHeaders, sortRequest } from './headers.ts';
import { Slowness } from './pace.ts';
import { type Asked, asList, asObject, fieldsOf, type Head, isToken } from './http2-fields.ts';
import type { RouteEntry } from './route-table.ts';
import { safeMethods } from './traffic.ts';
import { dropBody, isConversation, lengthOfEmpty, Upload } from './upload.ts';
import { passWebSocketStream } from './web-socket.ts';

const idleSessionMs = 75_000;
const highestStreamId = 2 ** 31 - 1;
/** Longer than a round trip: what a visitor sent before our first GOAWAY reached it is still answered. */
const lastCallMs = 2_000;

const askerOf = (head: Head): PageAsker => ({ accept: head.accept, acceptLanguage: head['accept-language'] });

/** Small enough that a slow visitor is seen to take something. */
const pieceBytes = 16_384;

class Http2Exchange extends Exchange {
  readonly #stream: ServerHttp2Stream;
  readonly #head: Head;
  readonly #takesTrailers: boolean;
  readonly #slowness = new Slowness();
  #unwatch: (() => void) | undefined;
  #hasTrailers = false;
  #trailers: string[] = [];
  #writtenBytes = 0;

  constructor(
    context: EdgeContext,
    entry: RouteEntry,
    request: UpstreamRequest,
    { stream, head, sorted }: Pick<Asked, 'stream' | 'head' | 'sorted'>,
  ) {
    super(context, entry, request, isHstsAllowed(context, (stream.session?.socket as TLSSocket | undefined)?.servername || undefined));
    this.#stream = stream;
    this.#head = head;
    this.#takesTrailers = sorted.takesTrailers;
    stream.on('close', () => {
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
    const giveUp = (): void => {
      this.#stream.destroy(new Error('too slow'));
    };
    this.#unwatch = this.context.pace.watch({
      movedBytes,
      giveUp,
      slowness: this.#slowness,
      ...(isAwaited === undefined ? {} : { isAwaited }),
    });
  }

  get #isClosed(): boolean {
    return this.#stream.destroyed || this.#stream.writableEnded;
  }

  protected sendInterim(status: number, headers: string[]): void {
    if (!this.#isClosed && !this.#stream.headersSent) this.#stream.additionalHeaders({ ':status': status, ...asObject(headers) });
  }

  protected sendHead(status: number, _reason: string, { headers, contentLength, hasTrailers, trailerNames }: ResponseHeaders): void {
    this.#unwatch?.();
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    const isEmpty = this.isHeadRequest || status === 204 || status === 205 || status === 304;
    if (contentLength !== undefined) headers.push('content-length', String(contentLength));
    if (hasTrailers && trailerNames !== undefined) headers.push('trailer', trailerNames);
    this.#hasTrailers = hasTrailers && (trailerNames !== undefined || this.#takesTrailers);
    this.#stream.respond(asList(status, headers), { endStream: isEmpty, waitForTrailers: this.#hasTrailers });
    if (this.#hasTrailers) this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(asObject(this.#trailers)));
  }

  protected flushHead(): void {
    // respond() has sent it
  }

  protected writeBody(chunk: Buffer): boolean {
    if (this.#isClosed) return true;
    let goesOn = true;
    for (let at = 0; at < chunk.length; at += pieceBytes)
      goesOn = this.#stream.write(chunk.length <= pieceBytes ? chunk : chunk.subarray(at, at + pieceBytes));
    this.#writtenBytes += chunk.length;
    if (goesOn) return true;
    this.#watch(() => this.#writtenBytes - this.#stream.writableLength);
    this.#stream.once('drain', () => {
      this.#unwatch?.();
      this.resume();
    });
    return false;
  }

  protected endBody(chunk: Buffer | undefined, trailers: string[]): void {
    if (this.#isClosed) return;
    this.#trailers = trailers;
    if (chunk === undefined) this.#stream.end();
    else this.#stream.end(chunk);
    if (chunk !== undefined) this.#writtenBytes += chunk.length;
    if (this.#stream.writableLength > pieceBytes) this.#watch(() => this.#writtenBytes - this.#stream.writableLength);
  }

  protected cut(): void {
    // close() would first end the stream, and a short answer would look whole; this resets it.
    this.#stream.destroy(new Error('cut'));
  }

  protected hangUp(): void {
    // The answer is whole; what still comes is not wanted (RFC 9113 §8.1).
    this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  protected sendPage(kind: PageKind, cause: string): void {
    this.#unwatch?.();
    sendHttp2Page(this.context, this.#stream, this.#head, kind, this.entry, cause);
  }
}

export function sendHttp2Page(
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
  stream.respond(asList(page.status, page.headers), { endStream: isHead });
  if (!isHead) stream.end(page.body);
}

/** A page for a request whose body nobody has looked at. */
function sendPageUnasked(context: EdgeContext, asked: Asked, ...about: [PageKind, RouteEntry | undefined, string?]): void {
  const { stream, head, hasBody } = asked;
  sendHttp2Page(context, stream, head, ...about);
  if (hasBody && head[':method'] !== 'CONNECT') dropBody(stream, () => stream.close(constants.NGHTTP2_NO_ERROR));
}

function handle(context: EdgeContext, stream: ServerHttp2Stream, head: Head, flags: number, raw: readonly string[]): void {
  context.counters.requests += 1;
  const { plain, isBad } = fieldsOf(raw);
  const method = head[':method'] ?? '';
  const authority = head[':authority'] ?? head.host;
  const path = head[':path'] ?? '';
  const sorted = sortRequest(plain, 1);
  const isTarget = (path.startsWith('/') && !/[\0-\x20\x7f]/.test(path)) || (path === '*' && method === 'OPTIONS');
  const isOtherHost = head.host !== undefined && head.host.toLowerCase() !== authority?.toLowerCase();
  if (isBad || authority === undefined || sorted === undefined || !isTarget || !isToken(method) || isOtherHost) {
    stream.respond({ ':status': 400 }, { endStream: true });
    return;
  }
  const asked: Asked = { stream, head, sorted, authority, path, hasBody: (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0 };
  const pass = (): void => passOn(context, asked);
  const entry = context.routes.find(hostNameOf(authority));
  const admitted = admit(context, entry, stream, pass, { mayWrite: !safeMethods.has(method) });
  if (admitted === 'full') sendPageUnasked(context, asked, 'starting', entry, 'too-many-held');
  if (admitted === 'go') pass();
}

/** To the application, or the page that stands in its place now. */
function passOn(context: EdgeContext, asked: Asked): void {
  const { stream, head, sorted, authority, path, hasBody } = asked;
  if (stream.destroyed) return;
  const entry = context.routes.find(hostNameOf(authority));
  if (entry === undefined) {
    sendPageUnasked(context, asked, 'unknown', undefined);
    return;
  }
  if (entry.route.state !== 'running') {
    sendPageUnasked(context, asked, entry.route.state, entry);
    return;
  }
  if (head[':method'] === 'CONNECT') {
    if (head[':protocol'] !== 'websocket') stream.respond({ ':status': 501 }, { endStream: true });
    else passWebSocketStream(context, asked, entry);
    return;
  }
  const address = plainAddress(stream.session?.socket.remoteAddress);
  const method = head[':method'] ?? 'GET';
  // As Node's own server does for HTTP/1.1: the body is held here, so it is asked for here (RFC 9110 §10.1.1).
  if (hasBody && head.expect?.toLowerCase() === '100-continue') stream.additionalHeaders({ ':status': 100 });
  const request: UpstreamRequest = {
    method,
    path,
    headers: addForwarded(sorted.headers, authority, { address, isSecure: true }),
    length: lengthOfEmpty(method, sorted.length),
    upload: hasBody ? uploadOf(stream, head, sorted) : undefined,
    address,
  };
  new Http2Exchange(context, entry, request, asked).begin();
}

function uploadOf(stream: ServerHttp2Stream, head: Head, sorted: RequestHeaders): Upload {
  let trailers: readonly string[] = [];
  // Types of @types/node 24.19 do not know the fourth parameter: name, value, name, value …
  stream.once('trailers', (_object: object, _flags: number, raw?: unknown) => {
    trailers = raw as string[];
  });
  return new Upload(stream, { length: sorted.length, isConversation: isConversation(head['content-type']), trailers: () => trailers });
}

export type Http2Half = { readonly server: Http2Server; readonly drain: () => void };

/** The HTTP/2 half of the edge. It never listens: connections are given to it after their TLS handshake. */
export function createHttp2Half(context: EdgeContext): Http2Half {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({
    maxSessionMemory: 16,
    maxHeaderListPairs: 200,
    // An application may say twice what should be said once; over HTTP/1.1 that passes, too.
    strictSingleValueFields: false,
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
      if (stream.headersSent) stream.destroy(new Error('bug'));
      else sendHttp2Page(context, stream, head, 'failed', undefined, 'bug');
    }
  });
  return {
    server,
    drain: () => {
      for (const session of sessions) bow(session);
    },
  };
}
