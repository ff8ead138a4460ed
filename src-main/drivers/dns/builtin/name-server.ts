import { type BindOptions, createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { createResponseRate, type ResponseRate } from './response-rate.ts';
import { createTcpConnections, type TcpConnections, tcpLimits } from './tcp-connections.ts';
import { alikeOf, answerMessage, truncated } from './wire.ts';
import type { ZoneIndex } from './zone-index.ts';

const freePortTries = 20;
/** For spans only: no setting of the clock makes one longer. */
const monotonicMs = (): number => performance.now();

export type NameServer = { readonly address: string; readonly port: number; readonly close: () => Promise<void> };
/** Handles of Node's that another process bound: see `kit/node/held-sockets.ts`. */
export type PassedSockets = { readonly udp: unknown; readonly tcp: unknown };
export type NameServerOptions = {
  readonly address: string;
  /** 0: any port that is free for both UDP and TCP. */
  readonly port: number;
  /** In the place of sockets of its own; `port` is theirs. */
  readonly passed?: PassedSockets | undefined;
  /** Asked for every message, so that a change is seen by the next question. */
  readonly zones: () => ReadonlyMap<string, ZoneIndex>;
  /** How often who is answered by UDP; the usual one leaves loopback alone. */
  readonly rate?: ResponseRate;
};

/** Listens on UDP and TCP (RFC 7766: both). Throws the system's error: `EADDRINUSE` when another program has the port. */
export async function startNameServer(options: NameServerOptions): Promise<NameServer> {
  for (let tryNumber = 1; ; tryNumber += 1) {
    const udp = await bindUdp(options);
    const { port } = udp.address();
    try {
      const tcp = await listenTcp({ ...options, port });
      return { address: options.address, port, close: closeBoth(udp, tcp) };
    } catch (error) {
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      if (options.port !== 0 || tryNumber >= freePortTries) throw error;
    }
  }
}

function bindUdp({ address, port, passed, zones, rate = createResponseRate(monotonicMs) }: NameServerOptions): Promise<UdpSocket> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
  socket.on('message', (message, sender) => {
    const answer = answerMessage(message, zones(), 'udp');
    if (answer === undefined || sender.port === 0) return;
    const verdict = rate(sender.address, alikeOf(answer));
    // whether it arrives is the asker's concern: it asks again
    if (verdict !== 'drop') socket.send(verdict === 'send' ? answer : truncated(answer), sender.port, sender.address, () => {});
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(passed === undefined ? { address, port, exclusive: true } : (passed.udp as BindOptions), () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

type TcpListener = { readonly server: Server; readonly connections: TcpConnections };

function listenTcp({ address, port, passed, zones }: NameServerOptions): Promise<TcpListener> {
  const connections = createTcpConnections((message) => answerMessage(message, zones(), 'tcp'), monotonicMs);
  const server = createServer(connections.take);
  // Beyond those that stand: one that is just being ended to make room.
  server.maxConnections = 2 * tcpLimits.mostConnections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(passed === undefined ? { host: address, port, exclusive: true } : passed.tcp, () => resolve({ server, connections }));
  });
}

function closeBoth(udp: UdpSocket, tcp: TcpListener): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const socket of tcp.connections.all()) socket.destroy();
    await Promise.all([
      new Promise<void>((resolve) => udp.close(() => resolve())),
      new Promise<void>((resolve) => tcp.server.close(() => resolve())),
    ]);
  };
  return () => {
    closing ??= close();
    return closing;
  };
}
