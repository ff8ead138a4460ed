import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { createFakeRouter } from './fake-core.ts';
import { farms, type FarmName } from './farms.ts';

const windowFolder = fileURLToPath(new URL('../../dist/window', import.meta.url));
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The policy that the web console sends, so that what breaks under it breaks here. */
function policyOf(nonce: string, port: number): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://127.0.0.1:${port}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}

async function serve(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
  const file = path === '/' ? '/index.html' : normalize(path);
  try {
    const content = await readFile(join(windowFolder, file));
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    if (file !== '/index.html') return void response.end(content);
    const nonce = randomBytes(18).toString('base64');
    response.setHeader('content-security-policy', policyOf(nonce, port));
    return void response.end(content.toString('utf8').replaceAll('__CSP_NONCE__', nonce));
  } catch {
    response.statusCode = 404;
    return void response.end();
  }
}

const CUT_AFTER_MS = 400;

/** The built window over one made-up farm, on a free port of loopback. */
export async function openWindowServer(name: FarmName): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const farm = farms[name]();
  let port = 0;
  let isGone = false;
  const server = createServer((request, response) => void serve(request, response, port));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const cut = (): void => {
    if (!farm.isCut) return;
    setTimeout(() => {
      isGone = true;
      for (const socket of sockets.clients) socket.terminate();
    }, CUT_AFTER_MS);
  };
  const handler = new RPCHandler(createFakeRouter(farm, cut));
  server.on('upgrade', (request, socket, head) => {
    if (isGone || request.url !== '/link') return void socket.destroy();
    return void sockets.handleUpgrade(request, socket, head, (client) => void handler.upgrade(client));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
