import { randomBytes } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { admit } from './admit.ts';
import { acceptNoMore, isClosing } from './closing.ts';
import { type EdgeContext, pageFor } from './edge-context.ts';
import type { PageAsker, PageKind } from './friendly-page.ts';
import { addForwarded, headOf, hostNameOf, plainAddress, type RequestHeaders, sortRequest, sortResponse } from './headers.ts';
import { type Asked, asList } from './http2-fields.ts';
import { originForm } from './origin-form.ts';
import type { RouteEntry } from './route-table.ts';
import type { AnswerHead } from './upstream/answer-parser.ts';
import type { Holder } from './upstream/shares.ts';
import type { Failure } from './upstream/upstream-connection.ts';
import { askForUpgrade } from './upstream/upgrade.ts';

const answerMs = 60_000;
const deadPeerProbeMs = 60_000;

/** The visitor's side of one asking: over HTTP/1.1 a connection, over HTTP/2 a stream. */
type Side = {
  readonly duplex: Duplex;
  readonly head: Buffer;
  readonly sendUpgrade: (headers: string[]) => void;
  readonly sendRefusal: (status: number, reason: string, headers: string[]) => void;
  readonly sendPage: (kind: PageKind, cause: string) => void;
};

const pages = { unreadable: 'unreadable', closed: 'broken', unreachable: 'broken', slow: 'slow', bug: 'failed' } as const satisfies Record<
  Failure['kind'],
  PageKind
>;

/** Joins both ends until one of them ends. Neither has a time limit; a dead peer is found by TCP itself. */
function join(visitor: Duplex, upstream: Socket, headOfVisitor: Buffer, headOfUpstream: Buffer): void {
  upstream.setTimeout(0);
  upstream.setNoDelay(true);
  upstream.setKeepAlive(true, deadPeerProbeMs);
  if (headOfUpstream.length > 0) visitor.write(headOfUpstream);
  if (headOfVisitor.length > 0) upstream.write(headOfVisitor);
  visitor.pipe(upstream);
  upstream.pipe(visitor);
  const end = (): void => {
    visitor.destroy();
    upstream.destroy();
  };
  for (const side of [visitor, upstream]) {
    side.on('error', end);
    side.on('close', end);
  }
}

/** Asks the upstream, and joins both sides or brings the application's own refusal back. */
function ask(context: EdgeContext, entry: RouteEntry, side: Side, about: { path: string; headers: string[]; address: string }): void {
  const { duplex } = side;
  const passage = context.traffic.begin(entry.route.instanceId, true);
  let end = (): void => undefined;
  const holder: Holder = { address: about.address, sinceMs: performance.now(), makeWay: () => duplex.destroy() };
  if (!entry.webSockets.enter(holder)) {
    passage.ended();
    side.sendPage('busy', 'too-many-web-sockets');
    return;
  }
  const fail = ({ kind, cause }: Pick<Failure, 'kind' | 'cause'>): void => {
    if (kind === 'bug') context.log.write('bug', { message: cause, instanceId: entry.route.instanceId });
    if (isAnswered) duplex.destroy();
    else side.sendPage(pages[kind], kind === 'bug' ? 'bug' : cause);
  };
  let isAnswered = false;
  const fields = [...about.headers, 'upgrade', 'websocket'];
  const upgrade = askForUpgrade(entry.route.target, headOf('GET', about.path, fields, { connection: 'Upgrade' }), answerMs, {
    onUpgrade: (answer, upstream, rest) => {
      isAnswered = true;
      passage.answered();
      side.sendUpgrade(sortResponse(answer.raw, false).headers);
      join(duplex, upstream, side.head, rest);
    },
    onRefusal: (answer) => {
      isAnswered = true;
      passage.answered();
      side.sendRefusal(answer.status, answer.reason, refusalFields(answer));
    },
    onBody: (chunk) => {
      if (duplex.destroyed || duplex.writableEnded) return true;
      const goesOn = duplex.write(chunk);
      if (!goesOn) duplex.once('drain', () => upgrade.resume());
      return goesOn;
    },
    onEnd: () => {
      if (!duplex.destroyed && !duplex.writableEnded) duplex.end();
    },
    onFailure: fail,
  });
  end = upgrade.stop;
  duplex.on('close', () => {
    entry.webSockets.leave(holder);
    passage.ended();
    end();
  });
}

/** A refusal's fields with its length, where it has one that is true. */
function refusalFields(answer: AnswerHead): string[] {
  const { headers, contentLength } = sortResponse(answer.raw, false);
  if (answer.status === 205) headers.push('content-length', '0');
  else if (contentLength !== undefined && answer.status !== 204) headers.push('content-length', String(contentLength));
  return headers;
}

const headText = (status: number, text: string, headers: readonly string[]): string => {
  let head = `HTTP/1.1 ${status} ${text}\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${head}\r\n`;
};

/** A WebSocket over HTTP/1.1 (RFC 6455): the upstream's own answer, 101 or refusal, goes back as it is. */
export function passWebSocket(context: EdgeContext, incoming: IncomingMessage, visitor: Duplex, head: Buffer): void {
  visitor.on('error', () => visitor.destroy());
  // The answer before it ends the connection.
  if (isClosing(visitor)) return;
  acceptNoMore(visitor);
  context.counters.requests += 1;
  const sorted = sortRequest(incoming.rawHeaders, incoming.httpVersionMinor);
  const path = sorted?.host === undefined ? undefined : originForm(incoming.method ?? '', incoming.url ?? '', sorted.host);
  if (sorted?.host === undefined || sorted.hasBody || incoming.method !== 'GET' || path === undefined) {
    visitor.end(headText(400, 'Bad Request', ['connection', 'close', 'content-length', '0']), () => visitor.destroy());
    return;
  }
  const asked = { incoming, visitor, head, sorted, authority: sorted.host, path };
  const pass = (): void => passOn(context, asked, false);
  // A visitor that closes before anything was answered only says that it is at its end.
  const admitted = admit(context, context.routes.find(hostNameOf(sorted.host)), visitor, pass, { mayWrite: true, leaves: 'end' });
  if (admitted !== 'kept') passOn(context, asked, admitted === 'full');
}

type Upgrade = {
  readonly incoming: IncomingMessage;
  readonly visitor: Duplex;
  readonly head: Buffer;
  readonly sorted: RequestHeaders;
  readonly authority: string;
  readonly path: string;
};

/** To the application, or the page that stands in its place now. */
function passOn(context: EdgeContext, { incoming, visitor, head, sorted, authority, path }: Upgrade, isFull: boolean): void {
  const host = hostNameOf(authority);
  const entry = context.routes.find(host);
  const asker = { accept: incoming.headers.accept, acceptLanguage: incoming.headers['accept-language'] };
  const sendPage = (kind: PageKind, cause?: string): void => {
    const page = pageFor(context, kind, entry?.route, asker, { host, ...(cause === undefined ? {} : { cause }) });
    visitor.write(headText(page.status, STATUS_CODES[page.status] ?? '', [...page.headers, 'connection', 'close']));
    visitor.end(page.body);
  };
  if (entry === undefined) {
    sendPage('unknown');
    return;
  }
  if (isFull || entry.route.state !== 'running') {
    if (isFull) sendPage('starting', 'too-many-held');
    else if (entry.route.state !== 'running') sendPage(entry.route.state);
    return;
  }
  const address = plainAddress(incoming.socket.remoteAddress);
  const side: Side = {
    duplex: visitor,
    head,
    sendUpgrade: (headers) =>
      visitor.write(headText(101, 'Switching Protocols', [...headers, 'connection', 'Upgrade', 'upgrade', 'websocket']), 'latin1'),
    sendRefusal: (status, reason, headers) => visitor.write(headText(status, reason, [...headers, 'connection', 'close']), 'latin1'),
    sendPage,
  };
  ask(context, entry, side, { path, headers: addForwarded(sorted.headers, authority, { address, isSecure: true }), address });
}

/** A WebSocket over HTTP/2 (RFC 8441): the stream itself is the connection; towards the upstream it is an upgrade as above. */
export function passWebSocketStream(context: EdgeContext, { stream, head, sorted, authority, path }: Asked, entry: RouteEntry): void {
  const key = randomBytes(16).toString('base64');
  const address = plainAddress(stream.session?.socket.remoteAddress);
  const asker: PageAsker = { accept: head.accept, acceptLanguage: head['accept-language'] };
  const respond = (status: number, headers: readonly string[]): boolean => {
    if (stream.destroyed || stream.headersSent) return false;
    const isEmpty = status === 204 || status === 205 || status === 304;
    stream.respond(asList(status, headers), { endStream: isEmpty });
    return !isEmpty;
  };
  const sendPage = (kind: PageKind, cause: string): void => {
    const page = pageFor(context, kind, entry.route, asker, { host: hostNameOf(authority), cause });
    if (respond(page.status, page.headers)) stream.end(page.body);
  };
  const side: Side = {
    duplex: stream,
    head: Buffer.alloc(0),
    sendUpgrade: (headers) => respond(200, withoutAccept(headers)),
    sendRefusal: (status, _reason, headers) => {
      // 2xx would open what the application refused (RFC 8441 §5).
      if (status < 300) sendPage('unreadable', `${status}-to-an-upgrade`);
      else respond(status, headers);
    },
    sendPage,
  };
  const headers = addForwarded([...sorted.headers, 'sec-websocket-key', key], authority, { address, isSecure: true });
  ask(context, entry, side, { path, headers, address });
}

/** Answers our key, not the visitor's. */
const withoutAccept = (headers: readonly string[]): string[] => {
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2)
    if (headers[at]?.toLowerCase() !== 'sec-websocket-accept') kept.push(headers[at] ?? '', headers[at + 1] ?? '');
  return kept;
};
