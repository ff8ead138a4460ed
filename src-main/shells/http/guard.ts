import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '../../ports/request.ts';
import { cookieName, type Sessions } from './session.ts';

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

export type Guard = {
  /** Refuses a Host that is not exactly ours, before anything else: DNS rebinding (421, RFC 9110 §15.5.20). */
  readonly host: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Who asks; undefined when nobody we know. Writes and sockets with a cookie must come from our own origin. */
  readonly who: (request: FastifyRequest) => RequestContext | undefined;
  readonly isOwnOrigin: (request: FastifyRequest) => boolean;
};

/** The gate of the web console. `origin` is exactly `http://127.0.0.1:<port>`. */
export function createGuard(options: { readonly origin: () => string; readonly sessions: Sessions; readonly operatorName: string }): Guard {
  const isOwnOrigin = (request: FastifyRequest): boolean => request.headers.origin === options.origin();
  return {
    isOwnOrigin,
    host: async (request, reply) => {
      if (`http://${request.headers.host}` === options.origin()) return undefined;
      return reply.code(421).send({ code: 'MISDIRECTED' });
    },
    who: (request) => {
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      // A token that a browser never sends by itself needs no origin.
      if (options.sessions.isLinkToken(bearer)) return { actor: { kind: 'operator', name: options.operatorName }, permission: 'own' };
      if (!options.sessions.isSession(request.cookies[cookieName])) return undefined;
      const isSocket = request.headers.upgrade !== undefined;
      if ((isSocket || !reads.has(request.method)) && !isOwnOrigin(request)) return undefined;
      return { actor: { kind: 'operator', name: options.operatorName }, permission: 'own' };
    },
  };
}
