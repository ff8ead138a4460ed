import { OpenAPIHandler } from '@orpc/openapi/fastify';
import { RPCHandler } from '@orpc/server/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RequestContext } from '../../ports/request.ts';
import { readChunkedBody } from './chunked-body.ts';
import { longestBodyBytes, refuse } from './guard.ts';
import { createOpenApiDocument } from './open-api-document.ts';
import type { HttpServerOptions } from './server.ts';

/** REST for panels (`/api/v1`, with its OpenAPI document) and the contract's own calls for command lines (`/rpc`). */
export async function registerCalls(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  const rest = new OpenAPIHandler<RequestContext>(options.core.router);
  const calls = new RPCHandler<RequestContext>(options.core.router);
  const document = await createOpenApiDocument(options.version);
  await app.register(async (scope) => {
    // The contract library reads bodies itself, of those whose length was told. A stranger's is not read at all.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', async (request: FastifyRequest) =>
      request.headers['transfer-encoding'] === undefined || options.guard.who(request) === undefined
        ? undefined
        : readChunkedBody(request, longestBodyBytes),
    );
    scope.addHook('onRequest', options.guard.body);
    scope.get('/api/v1/openapi.json', async () => document);
    scope.all('/api/v1/*', async (request, reply) => {
      const context = options.guard.who(request);
      if (context === undefined) return refuse(reply, 'SIGN_IN_NEEDED', 401);
      const { matched } = await rest.handle(request, reply.header('cache-control', 'no-store'), { prefix: '/api/v1', context });
      return matched ? reply : refuse(reply, 'NOT_FOUND', 404);
    });
    // The contract library takes any method for a call, and a page may send HEAD and OPTIONS anywhere without being asked whose it is.
    scope.all('/rpc/*', async (request, reply) => {
      if (request.method !== 'POST') return refuse(reply.header('allow', 'POST'), 'METHOD_NOT_ALLOWED', 405);
      const context = options.guard.who(request);
      if (context === undefined) return refuse(reply, 'SIGN_IN_NEEDED', 401);
      const { matched } = await calls.handle(request, reply.header('cache-control', 'no-store'), { prefix: '/rpc', context });
      return matched ? reply : refuse(reply, 'NOT_FOUND', 404);
    });
  });
}
