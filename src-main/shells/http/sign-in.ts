import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { language } from '#contract/ids.ts';
import { windowKey } from '#contract/window-key.ts';
import { answerShow, longestShowBytes } from '../answer-show.ts';
import { refuse } from './guard.ts';
import type { HttpServerOptions } from './server.ts';
import { cookieNameOf } from './session.ts';
import { escapeHtml } from '../open-in-browser.ts';

/**
 * Puts the key where only pages of this very origin read it, and goes on to the window. A language that the person asked for goes along, and nothing else of
 * what was sent. `key` is base64url.
 */
function keepKeyPage(key: string, nonce: string, asked: string | null, noStorageSentence: string): string {
  const known = language.safeParse(asked);
  const target = `/${known.success ? `?language=${known.data}` : ''}`;
  return `<!doctype html><meta charset="utf-8"><title>Farmstead</title><p id="why" hidden>${escapeHtml(noStorageSentence)}</p>
<script nonce="${nonce}">try { localStorage.setItem('${windowKey.storedAs}', '${key}'); location.replace('${target}') } catch { document.getElementById('why').hidden = false }</script>
`;
}

/** The one-use link becomes a cookie and a key; and a command line may ask for a new link. */
export async function registerSignIn(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 1000 }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    );
    scope.post('/sign-in', async (request, reply) => {
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      const token = form.get('token');
      const session = token === null ? undefined : options.sessions.exchange(token);
      if (session === undefined)
        return reply
          .code(403)
          .header('content-security-policy', "default-src 'none'")
          .type('text/plain; charset=utf-8')
          .send(options.linkUsedSentence);
      const nonce = randomBytes(18).toString('base64');
      // Not a redirect: one that another origin began would come without a SameSite=Strict cookie.
      return reply
        .setCookie(cookieNameOf(options.origin()), session.cookie, { path: '/', httpOnly: true, sameSite: 'strict' })
        .header('cache-control', 'no-store')
        .header('content-security-policy', `default-src 'none'; script-src 'nonce-${nonce}'`)
        .type('text/html; charset=utf-8')
        .send(keepKeyPage(session.key, nonce, form.get('language'), options.noStorageSentence));
    });
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: longestShowBytes }, (_request, body, done) =>
      done(null, String(body)),
    );
    /** Only the holder of `link.json` may ask, never a page. The window of the web console is a new one each time: its language comes with the sign-in. */
    scope.post('/show', async (request, reply) => {
      if (!options.guard.isCommandLine(request)) return refuse(reply, 'SIGN_IN_NEEDED', 401);
      const body = typeof request.body === 'string' ? request.body : '';
      const shown = await answerShow(body, { show: () => ({ token: options.sessions.newLink() }), startDemo: options.startDemo });
      if (shown === undefined) return refuse(reply, 'NOT_FOUND', 400);
      return reply.header('cache-control', 'no-store').send(shown);
    });
  });
}
