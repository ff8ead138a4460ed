import { randomBytes } from 'node:crypto';
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openTls } from './visitor.ts';

export type Attackers = {
  /** What they have opened so far. */
  readonly opened: () => number;
  readonly stop: () => Promise<void>;
};

/**
 * Slow and hostile visitors of one edge, until they are stopped: connections that say nothing, heads that come byte by byte, downloads that nobody reads, bytes
 * that are no TLS, and requests that are refused. Bounded in number; each kind goes on whatever happens to it.
 */
export function startAttack({ port, host, ca }: { readonly port: number; readonly host: string; readonly ca: string }): Attackers {
  const open = new Set<Socket>();
  let count = 0;
  let isOn = true;
  const keep = <Kind extends Socket>(socket: Kind): Kind => {
    count += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    return socket;
  };
  const tls = async (): Promise<Socket | undefined> => openTls(port, host, ca).then(keep, () => undefined);
  const untilClosed = async (socket: Socket | undefined, each: (socket: Socket) => void, everyMs: number): Promise<void> => {
    while (isOn && socket !== undefined && !socket.destroyed) {
      each(socket);
      await delay(everyMs);
    }
  };
  const kinds: (() => Promise<void>)[] = [
    // says nothing
    () => untilClosed(keep(connectPlain(port, '127.0.0.1')), () => undefined, 100),
    // no TLS
    async () => {
      const socket = keep(connectPlain(port, '127.0.0.1'));
      socket.write(randomBytes(300));
      await delay(50);
      socket.destroy();
    },
    // a head without an end
    async () => {
      const socket = await tls();
      socket?.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nx: `);
      await untilClosed(socket, (slow) => slow.write('x'), 100);
    },
    // a download that nobody reads
    async () => {
      const socket = await tls();
      socket?.pause();
      socket?.write(`GET /large HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      await untilClosed(socket, () => undefined, 100);
    },
    // two lengths
    async () => {
      const socket = await tls();
      socket?.write(
        `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
      );
      await delay(50);
      socket?.destroy();
    },
  ];
  const loops = kinds.flatMap((kind) =>
    Array.from({ length: 8 }, async () => {
      while (isOn) {
        await kind();
        await delay(20);
      }
    }),
  );
  return {
    opened: () => count,
    stop: async () => {
      isOn = false;
      for (const socket of open) socket.destroy();
      await Promise.all(loops);
    },
  };
}
