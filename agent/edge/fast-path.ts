import { type Server, STATUS_CODES } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type EdgeContext, isHstsAllowed, pageFor } from './edge-context.ts';
import { Exchange } from './exchange.ts';
import { fieldOf, type FastRequest, readFastRequest } from './fast-request.ts';
import type { PageKind } from './friendly-page.ts';
import { fieldLines, forwardedLines, hostNameOf, plainAddress, type ResponseHeaders } from './headers.ts';
import { http1Limits, joinedBytes, refusalOf, watchedBytes } from './http1.ts';
import { Slowness } from './pace.ts';
import type { RouteEntry } from './route-table.ts';

const mostBytes = 16_384;
/** Longer than the visitor is told, so that its next request does not cross our end. */
const graceMs = 1000;

let dateLine = '';
let dateUntilMs = 0;
function dateNow(): string {
  const nowMs = Date.now();
  if (nowMs >= dateUntilMs || nowMs < dateUntilMs - 1000) {
    dateUntilMs = nowMs - (nowMs % 1000) + 1000;
    dateLine = `Date: ${new Date(nowMs).toUTCString()}\r\n`;
  }
  return dateLine;
}

const isDate = (name: string): boolean => name.length === 4 && name.toLowerCase() === 'date';

/** One request that was read whole, and its answer, written to its socket as it is. */
class FastExchange extends Exchange {
  readonly #asked: FastRequest;
  readonly #owner: FastConnection;
  readonly #socket: TLSSocket;
  readonly #slowness = new Slowness();
  #unwatch: (() => void) | undefined;
  /** Not written yet. */
  #head = '';
  #hasBegun = false;
  #isChunked = false;
  #isLast = false;

  constructor(owner: FastConnection, entry: RouteEntry, asked: FastRequest, forwarded: string) {
    const { context, socket, address } = owner;
    const { method, path, fields } = asked;
    const head = `${method} ${path} HTTP/1.1\r\n${fields}${forwarded}`;
    const request = { method, path, headers: [], head, length: undefined, upload: undefined, address };
    super(context, entry, request, isHstsAllowed(context, socket.servername || undefined));
    this.#asked = asked;
    this.#owner = owner;
    this.#socket = socket;
  }

  #watch(): void {
    this.#unwatch?.();
    this.#unwatch = this.context.pace.watch({
      movedBytes: () => this.#socket.bytesWritten,
      giveUp: () => this.hangUp(),
      slowness: this.#slowness,
    });
  }

  protected sendInterim(status: number, headers: string[]): void {
    if (this.#hasBegun) return;
    this.#socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Interim'}\r\n${fieldLines(headers)}\r\n`, 'latin1');
  }

  #begin(status: number, reason: string, headers: readonly string[], framing: string, last = ''): void {
    this.#hasBegun = true;
    this.#isLast = this.context.drain.isOn;
    let hasDate = false;
    for (let at = 0; at < headers.length; at += 2) hasDate = hasDate || isDate(headers[at] ?? '');
    const connection = this.#isLast ? 'Connection: close\r\n' : this.#owner.keepAlive;
    this.#head = `HTTP/1.1 ${status} ${reason}\r\n${fieldLines(headers)}${framing}${hasDate ? '' : dateNow()}${connection}${last}\r\n`;
  }

  protected sendHead(status: number, reason: string, { headers, contentLength, hasTrailers, trailerNames }: ResponseHeaders): void {
    const length = status === 205 ? 0 : contentLength;
    this.#isChunked = length === undefined && !this.isHeadRequest && status !== 204 && status !== 304;
    const trailers = this.#isChunked && hasTrailers && trailerNames !== undefined ? `trailer: ${trailerNames}\r\n` : '';
    const framing = length === undefined ? trailers : `content-length: ${length}\r\n`;
    this.#begin(status, reason, headers, framing, this.#isChunked ? 'Transfer-Encoding: chunked\r\n' : '');
  }

  /** What has not gone out yet, and what stands before a piece of the body. */
  #before(chunk: Buffer | undefined): string {
    const head = this.#head;
    this.#head = '';
    return this.#isChunked && chunk !== undefined && chunk.length > 0 ? `${head}${chunk.length.toString(16)}\r\n` : head;
  }

  /** Head and body in one string are one record of TLS; a large body is not copied. */
  #write(before: string, chunk: Buffer | undefined, after: string): void {
    const socket = this.#socket;
    if (chunk === undefined || chunk.length <= joinedBytes) {
      const text = `${before}${chunk?.toString('latin1') ?? ''}${after}`;
      if (text !== '') socket.write(text, 'latin1');
      return;
    }
    socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    socket.write(chunk);
    if (after !== '') socket.write(after, 'latin1');
    socket.uncork();
  }

  protected flushHead(): void {
    this.#write(this.#before(undefined), undefined, '');
  }

  protected writeBody(chunk: Buffer): boolean {
    this.#write(this.#before(chunk), chunk, this.#isChunked ? '\r\n' : '');
    if (!this.#socket.writableNeedDrain) return true;
    this.#socket.once('drain', () => {
      this.#unwatch?.();
      this.resume();
    });
    this.#watch();
    return false;
  }

  protected endBody(chunk: Buffer | undefined, trailers: string[]): void {
    const last = this.#isChunked ? `${chunk === undefined ? '' : '\r\n'}0\r\n${fieldLines(trailers)}\r\n` : '';
    this.#write(this.#before(chunk), chunk, last);
    this.#finish();
  }

  #finish(): void {
    this.#unwatch?.();
    if (this.#socket.writableLength <= watchedBytes) {
      this.#owner.answered(this.#isLast);
      return;
    }
    this.#watch();
    this.#socket.write('', () => {
      this.#unwatch?.();
      this.#owner.answered(this.#isLast);
    });
  }

  closed(): void {
    this.#unwatch?.();
    this.visitorLeft();
  }

  protected cut(): void {
    this.#socket.destroy();
  }

  protected hangUp(): void {
    this.#socket.destroy();
  }

  protected sendPage(kind: PageKind, cause: string): void {
    const asker = { accept: fieldOf(this.#asked, 'accept'), acceptLanguage: fieldOf(this.#asked, 'accept-language') };
    const page = pageFor(this.context, kind, this.entry.route, asker, { host: hostNameOf(this.#asked.host), cause });
    this.#isChunked = false;
    this.#begin(page.status, STATUS_CODES[page.status] ?? '', page.headers, '');
    this.#write(this.#before(undefined), this.isHeadRequest ? undefined : page.body, '');
    this.#finish();
  }
}

/** A connection on which there was nothing yet but what `readFastRequest` reads. The first other thing takes it to the parser that knows all. */
class FastConnection {
  readonly context: EdgeContext;
  readonly socket: TLSSocket;
  readonly address: string;
  readonly keepAlive: string;
  readonly #left: (connection: FastConnection, bytes?: Buffer) => void;
  #state: 'idle' | 'busy' | 'left' = 'idle';
  #exchange: FastExchange | undefined;
  #hasAnswered = false;
  /** What came while an answer was under way: the next request, or its beginning. In Latin-1, byte by byte. */
  #early = '';
  #forwarded = { host: '', text: '' };
  #sinceMs = performance.now();
  #limitMs: number;
  readonly #keepAliveMs: number;
  readonly #onData = (chunk: Buffer): void => this.#heard(chunk);
  readonly #onClose = (): void => this.#closed();

  constructor(context: EdgeContext, socket: TLSSocket, left: (connection: FastConnection, bytes?: Buffer) => void) {
    this.context = context;
    this.socket = socket;
    this.address = plainAddress(socket.remoteAddress);
    this.#left = left;
    const { headersTimeout, keepAliveTimeout } = http1Limits(context);
    this.#limitMs = headersTimeout;
    this.#keepAliveMs = keepAliveTimeout;
    this.keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveTimeout / 1000}\r\n`;
    socket.on('data', this.#onData);
    socket.on('close', this.#onClose);
  }

  /** Called now and then. */
  look(nowMs: number): void {
    if (this.#state !== 'idle' || nowMs - this.#sinceMs < this.#limitMs) return;
    // A browser that opened a connection in advance is told; one that has had its answers knows how long it is kept.
    if (!this.#hasAnswered) this.socket.write(refusalOf(408, 'Request Timeout'));
    this.socket.destroy();
  }

  /** The answer is written. */
  answered(isLast: boolean): void {
    if (this.#state !== 'busy') return;
    this.#exchange = undefined;
    this.#hasAnswered = true;
    if (isLast) {
      this.#state = 'left';
      this.#left(this);
      this.socket.destroySoon();
      return;
    }
    if (this.#early === '') this.#rest();
    else process.nextTick(() => this.#goOn());
  }

  #rest(): void {
    this.#state = 'idle';
    this.#sinceMs = performance.now();
    this.#limitMs = this.#keepAliveMs + graceMs;
  }

  #goOn(): void {
    if (this.socket.destroyed) return;
    const text = this.#early;
    this.#early = '';
    this.#rest();
    this.socket.resume();
    this.#read(text);
  }

  #closed(): void {
    this.#state = 'left';
    this.#early = '';
    this.#left(this);
    this.#exchange?.closed();
  }

  #heard(chunk: Buffer): void {
    if (this.#state === 'left') return;
    const text = chunk.toString('latin1');
    if (this.#state === 'idle') {
      this.#read(text);
      return;
    }
    this.#early += text;
    if (this.#early.length > mostBytes) this.socket.pause();
  }

  #read(text: string): void {
    const end = text.indexOf('\r\n\r\n') + 4;
    const asked = end < 4 || end > mostBytes ? undefined : readFastRequest(end === text.length ? text : text.slice(0, end));
    this.#early = text.slice(end);
    if (asked === undefined || !this.#begin(asked)) this.#leave(Buffer.from(text, 'latin1'));
  }

  #leave(chunk: Buffer): void {
    this.#state = 'left';
    this.socket.off('data', this.#onData);
    this.socket.off('close', this.#onClose);
    this.#left(this, chunk);
  }

  /** False where something other than the application answers. */
  #begin(asked: FastRequest): boolean {
    const { context } = this;
    const entry = context.routes.find(hostNameOf(asked.host));
    if (entry?.route.state !== 'running' || context.holds.isHeld(entry.route.instanceId)) return false;
    context.counters.requests += 1;
    if (this.#forwarded.host !== asked.host) {
      const lines = forwardedLines(asked.host, { address: this.address, isSecure: true });
      this.#forwarded = { host: asked.host, text: `${lines}connection: keep-alive\r\n\r\n` };
    }
    this.#state = 'busy';
    this.#exchange = new FastExchange(this, entry, asked, this.#forwarded.text);
    try {
      this.#exchange.begin();
    } catch (error) {
      context.log.write('bug', { message: String(error), stack: error instanceof Error ? error.stack : '' });
      this.socket.destroy();
    }
    return true;
  }
}

/**
 * The short way of HTTP/1.1, for visitors who only fetch: no objects of Node's server for a request that needs none of them (about half of what it cost).
 * Connections are given to it after their TLS handshake.
 */
export function createFastPath(context: EdgeContext, http1: Server): { readonly accept: (socket: TLSSocket) => void } {
  const connections = new Set<FastConnection>();
  const left = (connection: FastConnection, bytes?: Buffer): void => {
    connections.delete(connection);
    if (bytes === undefined) return;
    const { socket } = connection;
    socket.pause();
    socket.unshift(bytes);
    http1.emit('connection', socket);
    socket.resume();
  };
  setInterval(() => {
    const nowMs = performance.now();
    for (const connection of connections) connection.look(nowMs);
  }, http1Limits(context).connectionsCheckingInterval).unref();
  return {
    accept: (socket) => {
      connections.add(new FastConnection(context, socket, left));
    },
  };
}
