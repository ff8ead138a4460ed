import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '#contract/errors.ts';
import { windowKey } from '#contract/window-key.ts';
import { createSemaphore } from '#kit/semaphore.ts';
import type { RequestContext } from '../../ports/request.ts';
import { cookieNameOf, type Sessions } from './session.ts';

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);
export const longestBodyBytes = 4_000_000;
/** What one window follows at a time is less than ten. */
export const mostStreams = 48;
/** Of all panels and command lines together: over HTTP each stream is a connection of its own. */
const mostHttpStreams = 96;

export const streamPlaces = (most: number): NonNullable<RequestContext['streams']> => ({ most, places: createSemaphore(most) });

export type Guard = {
  /** Refuses a Host that is not exactly ours, before anything else: DNS rebinding (421, RFC 9110 §15.5.20). */
  readonly host: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Refuses a body whose told length is too much, and one in a form that we do not read. One of unknown length is bounded while it is read. */
  readonly body: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Who asks; undefined when nobody we know. Without the token a request needs cookie and key, and a write our own origin as well. */
  readonly who: (request: FastifyRequest) => RequestContext | undefined;
  /** May this request become a socket: one of our own page, which names itself. Who it is, its first message says (`whoHas`). */
  readonly isWindow: (request: FastifyRequest) => boolean;
  /** Who asks over a socket that `isWindow` let in and that gave this key. */
  readonly whoHas: (request: FastifyRequest, key: string) => RequestContext | undefined;
  /** The same, with the token of `link.json` only: for acts that no page may cause. */
  readonly isCommandLine: (request: FastifyRequest) => boolean;
};

/** A refusal in the form that REST answers have everywhere. */
type RefusalCode =
  | ErrorCode
  | 'MISDIRECTED'
  | 'BODY_TOO_LARGE'
  | 'BODY_UNREADABLE'
  | 'METHOD_NOT_ALLOWED'
  | 'REQUEST_UNREADABLE'
  | 'INTERNAL';
export function refuse(reply: FastifyReply, code: RefusalCode, status: number): FastifyReply {
  return reply.code(status).send(refusalOf(code, status));
}

const refusalOf = (code: RefusalCode, status: number) => ({ defined: true, code, status, message: code, data: {} });

/** The same for what is no request: nobody has a reply for it yet. Ends the connection. */
export function refuseUnread(error: { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify(refusalOf('REQUEST_UNREADABLE', status));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
}

/** The guard of the web console. `origin` is exactly `http://127.0.0.1:<port>`. */
export function createGuard(options: { readonly origin: () => string; readonly sessions: Sessions; readonly operatorName: string }): Guard {
  const { sessions } = options;
  const operator: RequestContext = {
    actor: { kind: 'operator', name: options.operatorName },
    permission: 'own',
    streams: streamPlaces(mostHttpStreams),
  };
  const cookieOf = (request: FastifyRequest): string | undefined => request.cookies[cookieNameOf(options.origin())];
  return {
    host: async (request, reply) => {
      // Node shows the first of two, whoever stands before us may have looked at the second (RFC 9112 §3.2: 400).
      const hosts = request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
      if (hosts.length !== 1) return refuse(reply, 'REQUEST_UNREADABLE', 400);
      return `http://${request.headers.host}` === options.origin() ? undefined : refuse(reply, 'MISDIRECTED', 421);
    },
    body: async (request, reply) => {
      // RFC 9112 §6.1: a coding that is not understood is answered with 501
      if ((request.headers['transfer-encoding'] ?? 'chunked').trim().toLowerCase() !== 'chunked')
        return refuse(reply, 'BODY_UNREADABLE', 501);
      return Number(request.headers['content-length'] ?? 0) > longestBodyBytes ? refuse(reply, 'BODY_TOO_LARGE', 413) : undefined;
    },
    // A token that a browser never sends by itself needs no origin.
    isCommandLine: (request) => sessions.isLinkToken(bearerOf(request)),
    isWindow: (request) => request.headers.origin === options.origin() && sessions.isCookie(cookieOf(request)),
    whoHas: (request, key) => (sessions.isSession(cookieOf(request), key) ? operator : undefined),
    who: (request) => {
      if (sessions.isLinkToken(bearerOf(request))) return operator;
      const key = request.headers[windowKey.header];
      if (typeof key !== 'string' || !sessions.isSession(cookieOf(request), key)) return undefined;
      const needsOrigin = !reads.has(request.method);
      const { origin } = request.headers;
      // A read that names its origin must name ours too: what another page asks for is not meant by the person.
      const isOurs = origin === undefined ? !needsOrigin : origin === options.origin();
      return isOurs ? operator : undefined;
    },
  };
}
