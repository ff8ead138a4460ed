import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { acceptNoMore, isClosing } from './closing.ts';
import { type EdgeContext, pageFor } from './edge-context.ts';
import { hostNameOf, sortRequest } from './headers.ts';
import { askerOf, http1Limits, refuseHttp1, refuseNonsense } from './http1.ts';
import { originForm } from './origin-form.ts';

function handle(context: EdgeContext, incoming: IncomingMessage, response: ServerResponse): void {
  if (isClosing(incoming.socket)) return;
  const sorted = sortRequest(incoming.rawHeaders, incoming.httpVersionMinor);
  const path = sorted === undefined ? undefined : originForm(incoming.method ?? '', incoming.url ?? '', sorted.host ?? '');
  if (sorted?.host === undefined || path === undefined || path === '*') {
    refuseHttp1(incoming, response);
    return;
  }
  const host = hostNameOf(sorted.host);
  // A body is not read here; the connection ends so that it cannot be taken for a request.
  const isLast = sorted.hasBody || context.drain.isOn || !response.shouldKeepAlive;
  if (isLast) acceptNoMore(incoming.socket);
  const close = isLast ? ['connection', 'close'] : [];
  if (context.routes.find(host) === undefined) {
    const page = pageFor(context, 'unknown', undefined, askerOf(incoming), { host });
    response.writeHead(page.status, [...page.headers, ...close]);
    response.end(page.body);
    return;
  }
  const port = context.httpsPort();
  const location = `https://${host}${port === 443 ? '' : `:${port}`}${path}`;
  // 301 is what everything understands; 308 keeps a method that has a body (RFC 9110 §15.4.9).
  const status = incoming.method === 'GET' || incoming.method === 'HEAD' ? 301 : 308;
  response.writeHead(status, ['location', location, 'content-length', '0', 'cache-control', 'max-age=300', ...close]);
  response.end();
}

/** Plain HTTP: only the way to HTTPS, only for hosts that are here. It never listens by itself. */
export function createRedirectServer(context: EdgeContext): Server {
  const server = createServer(
    { ...http1Limits(context), keepAliveTimeout: 10_000, shouldUpgradeCallback: () => false },
    (incoming, response) => handle(context, incoming, response),
  );
  server.maxHeadersCount = 0;
  refuseNonsense(server);
  // See http1.ts.
  server.emit('listening');
  return server;
}
