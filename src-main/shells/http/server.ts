import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Language } from '#contract/ids.ts';
import type { Core } from '../../compose.ts';
import type { Log } from '../../ports/request.ts';
import type { DemoAnswer } from '../answer-show.ts';
import { BodyRefused } from './chunked-body.ts';
import { registerCalls } from './contract-routes.ts';
import { type Guard, refuse, refuseUnread } from './guard.ts';
import type { Sessions } from './session.ts';
import { registerSignIn } from './sign-in.ts';
import { registerSocket } from './window-socket.ts';
import { contentSecurityPolicy, windowPage } from '../window-files.ts';

export type HttpServerOptions = {
  readonly core: Pick<Core, 'router'>;
  readonly guard: Guard;
  readonly sessions: Sessions;
  readonly log: Pick<Log, 'bug' | 'warn'>;
  /** Exactly `http://127.0.0.1:<port>`; known once the server listens. */
  readonly origin: () => string;
  readonly windowFolder: string;
  /** See `demoStarter`. */
  readonly startDemo: (language: Language) => Promise<DemoAnswer>;
  readonly version: string;
  /** What a person reads who opens a link that was used or is old. */
  readonly linkUsedSentence: string;
  readonly noWindowSentence: string;
  /** What a person reads whose browser keeps nothing for our page. */
  readonly noStorageSentence: string;
};

const plainHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

async function registerWindow(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  await app.register(fastifyStatic, { root: options.windowFolder, index: false, serve: false });
  app.get('/', async (_request, reply) => {
    const page = await windowPage(options.windowFolder).catch(() => undefined);
    if (page === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(options.noWindowSentence);
    const { html, nonce } = page;
    const policy = contentSecurityPolicy(nonce, options.origin().replace(/^http/, 'ws'));
    return reply.header('content-security-policy', policy).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);
  });
  app.get('/*', (request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    // Built files under assets/ carry their content's hash in their names.
    const isHashed = path.startsWith('/assets/');
    return reply
      .header('content-security-policy', "default-src 'none'")
      .sendFile(path, { maxAge: isHashed ? '365d' : 0, immutable: isHashed });
  });
}

/** The web console: the same window in a browser, REST under `/api/v1`, and the window's socket at `/link`. Not yet listening. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: 1_000_000,
    forceCloseConnections: true,
    requestTimeout: 60_000,
    exposeHeadRoutes: false,
    // refused by the guard, in its form
    http: { requireHostHeader: false },
    clientErrorHandler: refuseUnread,
    // An address that cannot be read, before any hook of ours: `%` and no two digits after it.
    frameworkErrors: (error, _request, reply) => void refuse(reply.headers(plainHeaders), 'REQUEST_UNREADABLE', error.statusCode ?? 400),
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(plainHeaders);
  });
  app.addHook('onRequest', options.guard.host);
  // Node no longer counts a connection that asked for an upgrade: one that was refused would stay half open, and hold `close` up for ever.
  app.addHook('onResponse', async (request) => {
    // And of a body without end nobody waits for the rest.
    const isUnread = request.headers['transfer-encoding'] !== undefined && !request.raw.readableEnded;
    if (request.headers.upgrade !== undefined || isUnread) request.raw.socket.destroySoon();
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'NOT_FOUND', 404));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // Who asked has left in the middle of the body: no fault of ours, and nobody reads this answer.
    if (request.raw.errored === error) return refuse(reply, 'REQUEST_UNREADABLE', 400);
    if (error instanceof BodyRefused) return refuse(reply.header('connection', 'close'), error.code, error.statusCode);
    if (error.statusCode === 400) return refuse(reply, 'REQUEST_UNREADABLE', 400);
    if (error.statusCode !== undefined && error.statusCode < 500) return refuse(reply, 'NOT_FOUND', error.statusCode);
    const reference = options.log.bug(error);
    return reply.code(500).send({ defined: false, code: 'INTERNAL_SERVER_ERROR', status: 500, message: 'INTERNAL', data: { reference } });
  });
  await app.register(cookie);
  await registerSocket(app, options);
  await registerSignIn(app, options);
  await registerCalls(app, options);
  await registerWindow(app, options);
  return app;
}
