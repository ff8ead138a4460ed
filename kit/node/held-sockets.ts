import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { bindAddress, bindFailure, type BoundSocket, canBindSockets, portOf } from './bound-socket.ts';

/**
 * A bound port, UDP and TCP with one number, of which this process reads nothing: its sockets are for another process. Whoever is given them receives and
 * accepts; while nobody is, what comes waits in the kernel, and no other program gets the port.
 */
export type HeldPort = {
  readonly port: number;
  /** For `subprocess.send(message, handle)`. The receiver binds a socket to the first and listens with the second. */
  readonly udp: unknown;
  readonly tcp: unknown;
  /** Lets this process's copies go. May be called twice. */
  readonly close: () => void;
};

/** As much of Node's own handle as is used here: its public class reads at once what it binds. */
type UdpHandle = Pick<BoundSocket, 'getsockname'> &
  Readonly<Record<'bind' | 'bind6', (address: string, port: number, flags: number) => number>>;

const mostTries = 20;

const isUdpHandle = (handle: unknown): handle is UdpHandle =>
  typeof handle === 'object' && handle !== null && ['bind', 'bind6', 'getsockname'].every((name) => name in handle);

/** What a socket of Node's keeps to itself; undefined where this Node has it otherwise. */
function handleOf(socket: UdpSocket): UdpHandle | undefined {
  const state = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const kept: unknown = state === undefined ? undefined : Reflect.get(socket, state);
  const handle: unknown = typeof kept === 'object' && kept !== null ? Reflect.get(kept, 'handle') : undefined;
  return isUdpHandle(handle) ? handle : undefined;
}

/**
 * Binds a port for both protocols; 0: any that is free for both. Undefined where this Node does not let a socket be held without reading: then whoever
 * serves opens its own. Throws the system's error, `EADDRINUSE` when another program has the port.
 */
export function holdPort(address: string, port: number): HeldPort | undefined {
  const family = address.includes(':') ? 6 : 4;
  for (let tries = 1; ; tries += 1) {
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4' });
    const udp = handleOf(socket);
    try {
      if (udp === undefined || !canBindSockets) {
        socket.close();
        return undefined;
      }
      const code = udp[family === 6 ? 'bind6' : 'bind'](address, port, 0);
      if (code !== 0) throw bindFailure(code);
      const found = portOf(udp);
      const tcp = bindAddress(address, found);
      let isOpen = true;
      const close = (): void => {
        if (!isOpen) return;
        isOpen = false;
        socket.close();
        tcp.close();
      };
      return { port: found, udp, tcp, close };
    } catch (error) {
      socket.close();
      if (port !== 0 || tries >= mostTries) throw error;
    }
  }
}
