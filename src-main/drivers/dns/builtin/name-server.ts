import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { FarmError } from '#contract/errors.ts';
import { answerMessage } from './wire.ts';
import type { ZoneIndex } from './zone-index.ts';

const tcpIdleMs = 10_000;
const tcpMaxConnections = 100;
const freePortTries = 20;

export type NameServer = { readonly address: string; readonly port: number; readonly close: () => Promise<void> };
export type NameServerOptions = {
  readonly address: string;
  /** 0: any port that is free for both UDP and TCP. */
  readonly port: number;
  /** Asked for every message, so that a change is seen by the next question. */
  readonly zones: () => ReadonlyMap<string, ZoneIndex>;
};

/** Listens on UDP and TCP (RFC 7766: both). Throws `PORT_TAKEN` when another program has the port. */
export async function startNameServer(options: NameServerOptions): Promise<NameServer> {
  for (let tryNumber = 1; ; tryNumber += 1) {
    const udp = await bindUdp(options.address, options.port, options.zones);
    const { port } = udp.address();
    try {
      const tcp = await listenTcp(options.address, port, options.zones);
      return { address: options.address, port, close: closeBoth(udp, tcp) };
    } catch (error) {
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      if (options.port !== 0 || tryNumber >= freePortTries) throw error;
    }
  }
}

function portError(error: NodeJS.ErrnoException, port: number): Error {
  return error.code === 'EADDRINUSE' ? new FarmError('PORT_TAKEN', { port, owner: 'unknown' }) : error;
}

function bindUdp(address: string, port: number, zones: NameServerOptions['zones']): Promise<UdpSocket> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
  socket.on('message', (message, sender) => {
    const answer = answerMessage(message, zones(), 'udp');
    // whether it arrives is the asker's concern: it asks again
    if (answer !== undefined && sender.port !== 0) socket.send(answer, sender.port, sender.address, () => {});
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(portError(error, port));
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

type TcpListener = { readonly server: Server; readonly connections: Set<TcpSocket> };

function listenTcp(address: string, port: number, zones: NameServerOptions['zones']): Promise<TcpListener> {
  const connections = new Set<TcpSocket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serveTcp(socket, zones);
  });
  server.maxConnections = tcpMaxConnections;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)));
    server.listen({ host: address, port, exclusive: true }, () => resolve({ server, connections }));
  });
}

/** RFC 1035 §4.2.2: two octets of length before every message; several questions may come on one connection. */
function serveTcp(socket: TcpSocket, zones: NameServerOptions['zones']): void {
  let waiting: Buffer = Buffer.alloc(0);
  socket.setTimeout(tcpIdleMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    waiting = Buffer.concat([waiting, data]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0);
      const answer = answerMessage(waiting.subarray(2, end), zones(), 'tcp');
      waiting = waiting.subarray(end);
      if (answer === undefined) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}

function closeBoth(udp: UdpSocket, tcp: TcpListener): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const socket of tcp.connections) socket.destroy();
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
