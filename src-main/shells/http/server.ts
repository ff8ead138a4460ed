import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import websocket from '@fastify/websocket';
import { OpenAPIHandler } from '@orpc/openapi/fastify';
import { RPCHandler } from '@orpc/server/ws';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Core } from '../../compose.ts';
import type { Guard } from './guard.ts';
import { createOpenApiDocument } from './open-api-document.ts';
import { paced } from './paced-socket.ts';
import { cookieName, type Sessions } from './session.ts';
import { contentSecurityPolicy, windowPage } from './window-files.ts';

export type HttpServerOptions = {
  readonly core: Pick<Core, 'router'>;
  readonly guard: Guard;
  readonly sessions: Sessions;
  readonly origin: () => string;
  readonly windowFolder: string;
  readonly version: string;
};

const plainHeaders = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' };

function refuse(reply: FastifyReply, code: string, status: number): FastifyReply {
  return reply.code(status).send({ defined: true, code, status, message: code, data: {} });
}

async function registerWindow(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  await app.register(fastifyStatic, { root: options.windowFolder, index: false, serve: false });
  app.get('/', async (_request, reply) => {
    const { html, nonce } = await windowPage(options.windowFolder);
    const policy = contentSecurityPolicy(nonce, options.origin().replace(/^http/, 'ws'));
    return reply.header('content-security-policy', policy).header('cache-control', 'no-store').type('text/html').send(html);
  });
  app.get('/*', (request, reply) => reply.sendFile(request.url.split('?')[0] ?? '/', { maxAge: request.url.includes('/assets/') ? '365d' : 0, immutable: request.url.includes('/assets/') }));
}

async function registerSignIn(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  await app.register(async (scope) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 1000 }, (_request, body, done) => done(null, new URLSearchParams(String(body))));
    scope.post('/sign-in', async (request, reply) => {
      const token = request.body instanceof URLSearchParams ? request.body.get('token') : null;
      const session = token === null ? undefined : options.sessions.exchange(token);
      if (session === undefined) return refuse(reply, 'LINK_USED', 403);
      // Not a redirect: one that another origin began would come without a SameSite=Strict cookie.
      return reply
        .setCookie(cookieName, session, { path: '/', httpOnly: true, sameSite: 'strict' })
        .header('cache-control', 'no-store')
        .header('content-security-policy', "default-src 'none'")
        .type('text/html')
        .send('<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">');
    });
  });
}

async function registerRest(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  const handler = new OpenAPIHandler(options.core.router);
  const document = await createOpenApiDocument(options.version);
  await app.register(async (scope) => {
    // The contract library reads bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
    scope.get('/api/v1/openapi.json', async () => document);
    scope.all('/api/v1/*', async (request, reply) => {
      const context = options.guard.who(request);
      if (context === undefined) return refuse(reply, 'SIGN_IN_NEEDED', 401);
      const { matched } = await handler.handle(request, reply, { prefix: '/api/v1', context });
      return matched ? reply : refuse(reply, 'NOT_FOUND', 404);
    });
  });
}

async function registerSocket(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  const handler = new RPCHandler(options.core.router);
  await app.register(websocket, { options: { perMessageDeflate: false, maxPayload: 4_000_000 } });
  app.get('/link', {
    websocket: true,
    preValidation: async (request, reply) => (options.guard.who(request) === undefined ? refuse(reply, 'SIGN_IN_NEEDED', 401) : undefined),
  }, (socket, request) => {
    const context = options.guard.who(request);
    if (context === undefined) socket.close();
    else void handler.upgrade(paced(socket), { context });
  });
}

/** The web console: the same window in a browser, REST under `/api/v1`, and the window's socket at `/link`. Not yet listening. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = Fastify({ logger: false, bodyLimit: 4_000_000, forceCloseConnections: true });
  app.addHook('onRequest', options.guard.host);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(plainHeaders);
  });
  await app.register(cookie);
  await registerSocket(app, options);
  await registerSignIn(app, options);
  await registerRest(app, options);
  await registerWindow(app, options);
  return app;
}
