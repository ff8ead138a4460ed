import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export type Upstream = {
  readonly port: number;
  /** How many requests are being answered now, and how many visitors left before their answer. */
  readonly open: () => number;
  readonly left: () => number;
  readonly close: () => Promise<void>;
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const answers: Record<string, Answer> = {
  /** What arrived, as it arrived. */
  '/echo': (request, response) => {
    const body = JSON.stringify({ method: request.method, url: request.url, headers: request.rawHeaders });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  },
  '/fields': (_request, response) => {
    response.writeHead(200, [
      ...['connection', 'x-secret', 'x-secret', '1', 'keep-alive', 'timeout=3', 'strict-transport-security', 'max-age=5'],
      ...['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-kept', 'yes'],
    ]);
    response.end('ok');
  },
  '/hash': (request, response) => {
    const hash = createHash('sha256');
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      hash.update(chunk);
    });
    request.on('end', () => response.end(JSON.stringify({ size, sha256: hash.digest('hex') })));
  },
  '/large': (request, response) => {
    const piece = Buffer.alloc(65_536, 7);
    let left = 32 * 16;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    request.resume();
    more();
  },
  '/die': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half');
    setTimeout(() => response.destroy(), 30);
  },
  '/die-chunked': (_request, response) => {
    response.write('half');
    setTimeout(() => response.destroy(), 30);
  },
  '/die-at-once': (request) => {
    request.socket.destroy();
  },
  '/wait': () => undefined,
  '/slow': (_request, response) => {
    setTimeout(() => response.end('late'), 400);
  },
  '/stream': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: one\n\n');
    setTimeout(() => response.end('data: two\n\n'), 300);
  },
};

/** An application in miniature: it answers with `name` and does what its paths say; `/socket` echoes over a WebSocket. */
export async function startUpstream(name: string): Promise<Upstream> {
  let open = 0;
  let left = 0;
  const server = createServer((request, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
      if (!response.writableFinished) left += 1;
    });
    const answer = answers[new URL(request.url ?? '/', 'http://x').pathname];
    if (answer === undefined) response.end(name);
    else answer(request, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/socket') {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 6\r\nx-why: no\r\n\r\nsecret');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (peer) => {
      peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    open: () => open,
    left: () => left,
    close: () => {
      for (const peer of sockets.clients) peer.terminate();
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
