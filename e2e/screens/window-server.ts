import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { createFakeRouter } from './fake-core.ts';
import { farms, type FarmName } from '#contract/testing/made-up-farm/farms.ts';
import { windowKey } from '#contract/window-key.ts';

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

type Built = ReadonlyMap<string, Buffer>;

/** The built window, read once: a build that runs meanwhile must not change what is photographed. */
async function readBuilt(): Promise<Built> {
  const entries = await readdir(windowFolder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(paths.map(async (path): Promise<[string, Buffer]> => [path.slice(windowFolder.length), await readFile(path)])),
  );
}
let built: Promise<Built> | undefined;

function serve(files: Built, request: IncomingMessage, response: ServerResponse, port: number): void {
  const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
  // There is no program behind it: a window that asks why its link is lost gets no answer.
  if (path.startsWith('/api/')) {
    request.socket.destroy();
    return;
  }
  const file = path === '/' ? '/index.html' : path;
  const content = files.get(file);
  if (content === undefined) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
  if (file !== '/index.html') {
    response.end(content);
    return;
  }
  const nonce = randomBytes(18).toString('base64');
  response.setHeader('content-security-policy', policyOf(nonce, port));
  response.end(content.toString('utf8').replaceAll('__CSP_NONCE__', nonce));
}

const CUT_AFTER_MS = 400;

/** The built window over one made-up farm, on a free port of loopback. Another router may speak for the farm, e.g. one whose rows change. */
export async function openWindowServer(
  name: FarmName,
  routerOf: typeof createFakeRouter = createFakeRouter,
): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const farm = farms[name]();
  built ??= readBuilt();
  const files = await built;
  let port = 0;
  let isGone = false;
  const server = createServer((request, response) => serve(files, request, response, port));
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(windowKey.protocol) ? windowKey.protocol : false),
  });
  const cut = (): void => {
    if (!farm.isCut) return;
    setTimeout(() => {
      isGone = true;
      for (const socket of sockets.clients) socket.terminate();
    }, CUT_AFTER_MS);
  };
  const handler = new RPCHandler(routerOf(farm, cut));
  server.on('upgrade', (request, socket, head) => {
    if (isGone || request.url !== '/link') return void socket.destroy();
    return void sockets.handleUpgrade(request, socket, head, (client) => {
      // Whatever key it shows is the right one here: nobody else visits a farm that is made up.
      client.once('message', () => {
        void handler.upgrade(client);
        client.send(windowKey.ready);
      });
    });
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
