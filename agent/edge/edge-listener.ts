import type { Socket, Server as Listener } from 'node:net';
import { type TLSSocket, createServer as createTlsServer } from 'node:tls';
import { type CertificateEntry, tlsRules } from './certificate-table.ts';
import type { EdgeContext } from './edge-context.ts';
import { plainAddress } from './headers.ts';
import { createFastPath } from './fast-path.ts';
import { createHttp1Server } from './http1.ts';
import { createHttp2Half } from './http2.ts';
import { createRedirectServer } from './redirect.ts';
import { visitorOf } from './upstream/shares.ts';

const handshakeMs = 10_000;
/** The same in all workers: a session belongs to the edge, not to one of them. */
const sessionIdContext = 'farm-edge';

export type EdgeListener = {
  /** Takes over what a listening socket accepts. */
  readonly serve: (listener: Listener, kind: 'https' | 'http') => void;
  /** Takes over one connection, of which nothing was read. */
  readonly accept: (socket: Socket, kind: 'https' | 'http') => void;
  readonly useByDefault: (entry: CertificateEntry | undefined) => void;
  readonly openConnections: () => number;
  /** Ends connections as soon as that costs nobody anything; calls back once, when the last one is gone. */
  readonly drain: (onEmpty: () => void) => void;
};

/**
 * Everything between an accepted connection and a request. The listening sockets are plain TCP and stand apart, so that they can be handed to
 * another process; ALPN sends each connection to the HTTP/1.1 server or to the HTTP/2 one, so that neither pays for the other.
 */
export function createEdgeListener(context: EdgeContext): EdgeListener {
  const sockets = new Set<Socket>();
  const http1 = createHttp1Server(context);
  const fast = createFastPath(context, http1);
  const http2 = createHttp2Half(context);
  const redirect = createRedirectServer(context);
  let onEmpty: (() => void) | undefined;

  const { ticketKeys } = context;
  const tickets = { sessionIdContext, ...(ticketKeys === undefined ? {} : { ticketKeys }) };
  const tls = createTlsServer({
    ...tickets,
    ALPNProtocols: ['h2', 'http/1.1', 'http/1.0'],
    ...tlsRules,
    handshakeTimeout: handshakeMs,
    SNICallback: (name, done) => done(null, context.certificates.find(name)?.context),
  });
  tls.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy());
    if (socket.alpnProtocol === 'h2') http2.server.emit('connection', socket);
    else if (socket.alpnProtocol === 'http/1.0') http1.emit('connection', socket);
    else fast.accept(socket);
  });
  tls.on('tlsClientError', (_error, socket) => socket.destroy());

  const byVisitor = new Map<string, number>();
  /** False when this visitor has its share already. */
  const track = (socket: Socket): boolean => {
    const visitor = visitorOf(plainAddress(socket.remoteAddress));
    const open = byVisitor.get(visitor) ?? 0;
    if (open >= context.connectionsPerVisitor) {
      socket.destroy();
      return false;
    }
    byVisitor.set(visitor, open + 1);
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      const left = (byVisitor.get(visitor) ?? 1) - 1;
      if (left === 0) byVisitor.delete(visitor);
      else byVisitor.set(visitor, left);
      if (sockets.size === 0) onEmpty?.();
    });
    return true;
  };
  const accept = (socket: Socket, kind: 'https' | 'http'): void => {
    if (track(socket)) (kind === 'https' ? tls : redirect).emit('connection', socket);
  };
  return {
    accept,
    serve: (listener, kind) => {
      listener.maxConnections = context.connections;
      listener.on('connection', (socket: Socket) => accept(socket, kind));
      // Out of file descriptors: those that are open go on.
      listener.on('error', (error) => context.log.write('listener', { kind, message: String(error) }));
    },
    useByDefault: (entry) => {
      if (entry !== undefined)
        tls.setSecureContext({ cert: entry.certificate.chainPem, key: entry.keyPem, ...tlsRules, ...tickets, honorCipherOrder: true });
    },
    openConnections: () => sockets.size,
    drain: (whenEmpty) => {
      context.drain.isOn = true;
      http2.drain();
      onEmpty = whenEmpty;
      if (sockets.size === 0) setImmediate(whenEmpty);
    },
  };
}
