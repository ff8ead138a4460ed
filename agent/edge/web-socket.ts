import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { admit } from './admit.ts';
import { type EdgeContext, pageFor } from './edge-context.ts';
import { addForwarded, hostNameOf, plainAddress, type RequestHeaders, sortRequest, sortResponse } from './headers.ts';
import type { RouteEntry } from './route-table.ts';
import type { Passage } from './traffic.ts';

/** WebSockets go by node:http, because undici takes every answer but 101 for a failure, and a visitor must read the application's own refusal. */
const answerMs = 60_000;
const deadPeerProbeMs = 60_000;

type Asked = { readonly entry: RouteEntry; readonly path: string; readonly headers: string[]; readonly passage: Passage };
type Answers = {
  readonly onUpgrade: (answer: IncomingMessage, upstream: Socket, head: Buffer) => void;
  readonly onRefusal: (answer: IncomingMessage) => void;
  readonly onFailure: (cause: string) => void;
};

/** Asks the upstream for a WebSocket; returns what ends the asking when the visitor leaves meanwhile. */
function ask({ entry, path, headers, passage }: Asked, answers: Answers): () => void {
  const { target } = entry.route;
  const request = httpRequest({
    host: target.host,
    port: target.port,
    method: 'GET',
    path,
    headers: [...headers, 'connection', 'Upgrade', 'upgrade', 'websocket'],
    agent: false,
    timeout: answerMs,
  });
  let isAnswered = false;
  request.on('timeout', () => {
    if (!isAnswered) request.destroy(new Error('ETIMEDOUT'));
  });
  request.on('upgrade', (answer, socket: Socket, head) => {
    isAnswered = true;
    passage.answered();
    answers.onUpgrade(answer, socket, head);
  });
  request.on('response', (answer) => {
    isAnswered = true;
    passage.answered();
    answers.onRefusal(answer);
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    passage.ended();
    if (!isAnswered) answers.onFailure(error.code ?? error.message);
    isAnswered = true;
  });
  request.end();
  return () => request.destroy();
}

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

const headText = (status: number, text: string, headers: readonly string[]): string => {
  let head = `HTTP/1.1 ${status} ${text}\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${head}\r\n`;
};

const rawBuffers = (raw: readonly string[]): Buffer[] => raw.map((text) => Buffer.from(text, 'latin1'));

/** A WebSocket over HTTP/1.1 (RFC 6455): the upstream's own answer, 101 or refusal, goes back as it is. */
export function passWebSocket(context: EdgeContext, incoming: IncomingMessage, visitor: Duplex, head: Buffer): void {
  context.counters.requests += 1;
  visitor.on('error', () => visitor.destroy());
  const sorted = sortRequest(incoming.rawHeaders, incoming.httpVersionMinor);
  const path = incoming.url ?? '';
  if (sorted?.host === undefined || sorted.hasBody || incoming.method !== 'GET' || !path.startsWith('/')) {
    visitor.end(headText(400, 'Bad Request', ['connection', 'close', 'content-length', '0']));
    return;
  }
  const asked = { incoming, visitor, head, sorted, authority: sorted.host, path };
  const pass = (): void => passOn(context, asked, false);
  // A visitor that closes before anything was answered only says that it is at its end.
  const admitted = admit(context, context.routes.find(hostNameOf(sorted.host)), visitor, pass, 'end');
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
  const sendPage = (kind: 'unknown' | 'starting' | 'suspended' | 'broken', cause?: string): void => {
    const page = pageFor(context, kind, entry?.route, asker, { host, ...(cause === undefined ? {} : { cause }) });
    visitor.write(headText(page.status, kind, [...page.headers, 'connection', 'close']));
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
  const passage = context.traffic.begin(entry.route.instanceId, true);
  visitor.on('close', passage.ended);
  const stop = ask(
    { entry, path, headers: addForwarded(sorted.headers, authority, { address, isSecure: true }), passage },
    {
      onUpgrade: (answer, upstream, upstreamHead) => {
        const { headers } = sortResponse(rawBuffers(answer.rawHeaders), false);
        visitor.write(headText(101, 'Switching Protocols', [...headers, 'connection', 'Upgrade', 'upgrade', 'websocket']));
        join(visitor, upstream, head, upstreamHead);
      },
      onRefusal: (answer) => {
        const { headers } = sortResponse(rawBuffers(answer.rawHeaders), false);
        visitor.write(headText(answer.statusCode ?? 502, answer.statusMessage ?? '', [...headers, 'connection', 'close']));
        answer.pipe(visitor);
        answer.on('error', () => visitor.destroy());
      },
      onFailure: (cause) => sendPage('broken', cause),
    },
  );
  visitor.on('close', stop);
}

/** A WebSocket over HTTP/2 (RFC 8441): the stream itself is the connection; towards the upstream it is an upgrade as above. */
export function passWebSocketStream(
  context: EdgeContext,
  stream: ServerHttp2Stream,
  asked: { readonly entry: RouteEntry; readonly path: string; readonly host: string; readonly headers: string[] },
): void {
  const { entry, path, host } = asked;
  const key = randomBytes(16).toString('base64');
  const address = plainAddress(stream.session?.socket.remoteAddress);
  const headers = addForwarded([...asked.headers, 'sec-websocket-key', key], host, { address, isSecure: true });
  const respond = (status: number, raw: readonly string[]): void => {
    const { headers: kept } = sortResponse(rawBuffers(raw), false);
    const answer: Record<string, string | string[] | number> = { ':status': status };
    for (let at = 0; at < kept.length; at += 2) {
      const name = (kept[at] ?? '').toLowerCase();
      if (name !== 'sec-websocket-accept') answer[name] = kept[at + 1] ?? '';
    }
    if (!stream.destroyed && !stream.headersSent) stream.respond(answer);
  };
  const passage = context.traffic.begin(entry.route.instanceId, true);
  stream.on('close', passage.ended);
  const stop = ask(
    { entry, path, headers, passage },
    {
      onUpgrade: (answer, upstream, head) => {
        respond(200, answer.rawHeaders);
        join(stream, upstream, Buffer.alloc(0), head);
      },
      onRefusal: (answer) => {
        respond(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(stream);
        answer.on('error', () => stream.destroy());
      },
      onFailure: (cause) => {
        context.log.write('page', { kind: 'broken', host, instanceId: entry.route.instanceId, cause });
        if (!stream.destroyed && !stream.headersSent) stream.respond({ ':status': 503 }, { endStream: true });
      },
    },
  );
  stream.on('close', stop);
}
