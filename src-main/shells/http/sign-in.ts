import type { FastifyInstance } from 'fastify';
import { refuse } from './guard.ts';
import type { HttpServerOptions } from './server.ts';
import { cookieNameOf } from './session.ts';

const onwards = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">';

/** The one-use link becomes a cookie; and a command line may ask for a new link. */
export async function registerSignIn(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 1000 }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    );
    scope.post('/sign-in', async (request, reply) => {
      const token = request.body instanceof URLSearchParams ? request.body.get('token') : null;
      const session = token === null ? undefined : options.sessions.exchange(token);
      if (session === undefined)
        return reply
          .code(403)
          .header('content-security-policy', "default-src 'none'")
          .type('text/plain; charset=utf-8')
          .send(options.linkUsedSentence);
      // Not a redirect: one that another origin began would come without a SameSite=Strict cookie.
      return reply
        .setCookie(cookieNameOf(options.origin()), session, { path: '/', httpOnly: true, sameSite: 'strict' })
        .header('cache-control', 'no-store')
        .header('content-security-policy', "default-src 'none'")
        .type('text/html; charset=utf-8')
        .send(onwards);
    });
    /** Only the holder of `link.json` may ask, never a page. */
    scope.post('/show', async (request, reply) => {
      if (!options.guard.isCommandLine(request)) return refuse(reply, 'SIGN_IN_NEEDED', 401);
      return reply.header('cache-control', 'no-store').send({ token: options.sessions.newLink() });
    });
  });
}
