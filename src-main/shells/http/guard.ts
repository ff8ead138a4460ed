import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '#contract/errors.ts';
import type { RequestContext } from '../../ports/request.ts';
import { cookieNameOf, type Sessions } from './session.ts';

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);
export const longestBodyBytes = 4_000_000;

export type Guard = {
  /** Refuses a Host that is not exactly ours, before anything else: DNS rebinding (421, RFC 9110 §15.5.20). */
  readonly host: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Refuses a body whose told length is too much, and one in a form that we do not read. One of unknown length is bounded while it is read. */
  readonly body: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Who asks; undefined when nobody we know. Writes and sockets with a cookie must come from our own origin. */
  readonly who: (request: FastifyRequest) => RequestContext | undefined;
  /** The same, with the token of `link.json` only: for acts that no page may cause. */
  readonly isCommandLine: (request: FastifyRequest) => boolean;
};

/** A refusal in the form that REST answers have everywhere. */
type RefusalCode = ErrorCode | 'MISDIRECTED' | 'BODY_TOO_LARGE' | 'BODY_UNREADABLE' | 'INTERNAL';
export function refuse(reply: FastifyReply, code: RefusalCode, status: number): FastifyReply {
  return reply.code(status).send({ defined: true, code, status, message: code, data: {} });
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
}

/** The guard of the web console. `origin` is exactly `http://127.0.0.1:<port>`. */
export function createGuard(options: { readonly origin: () => string; readonly sessions: Sessions; readonly operatorName: string }): Guard {
  const { sessions } = options;
  const operator: RequestContext = { actor: { kind: 'operator', name: options.operatorName }, permission: 'own' };
  return {
    host: async (request, reply) => (`http://${request.headers.host}` === options.origin() ? undefined : refuse(reply, 'MISDIRECTED', 421)),
    body: async (request, reply) => {
      // RFC 9112 §6.1: a coding that is not understood is answered with 501
      if ((request.headers['transfer-encoding'] ?? 'chunked').trim().toLowerCase() !== 'chunked')
        return refuse(reply, 'BODY_UNREADABLE', 501);
      return Number(request.headers['content-length'] ?? 0) > longestBodyBytes ? refuse(reply, 'BODY_TOO_LARGE', 413) : undefined;
    },
    // A token that a browser never sends by itself needs no origin.
    isCommandLine: (request) => sessions.isLinkToken(bearerOf(request)),
    who: (request) => {
      if (sessions.isLinkToken(bearerOf(request))) return operator;
      if (!sessions.isSession(request.cookies[cookieNameOf(options.origin())])) return undefined;
      const needsOrigin = request.headers.upgrade !== undefined || !reads.has(request.method);
      const { origin } = request.headers;
      // A read that names its origin must name ours too: what another page asks for is not meant by the person.
      const isOurs = origin === undefined ? !needsOrigin : origin === options.origin();
      return isOurs ? operator : undefined;
    },
  };
}
