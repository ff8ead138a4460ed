import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

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

/** As much of Node's own handles as is used here: its public classes read at once what they bind. */
type Handle = {
  readonly getsockname: (into: { port?: number }) => number;
  readonly close: () => void;
};
type UdpHandle = Handle & Readonly<Record<'bind' | 'bind6', (address: string, port: number, flags: number) => number>>;
type MakeTcp = (address: string, port: number, family: 4 | 6) => Handle | number;

const mostTries = 20;
const failure = (code: number): NodeJS.ErrnoException => {
  const name = getSystemErrorName(code);
  return Object.assign(new Error(`bind ${name}`), { code: name });
};

const isUdpHandle = (handle: unknown): handle is UdpHandle =>
  typeof handle === 'object' && handle !== null && ['bind', 'bind6', 'getsockname', 'close'].every((name) => name in handle);

/** What a socket of Node's keeps to itself; undefined where this Node has it otherwise. */
function handleOf(socket: UdpSocket): UdpHandle | undefined {
  const state = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const kept: unknown = state === undefined ? undefined : Reflect.get(socket, state);
  const handle: unknown = typeof kept === 'object' && kept !== null ? Reflect.get(kept, 'handle') : undefined;
  return isUdpHandle(handle) ? handle : undefined;
}

function portOf(handle: Handle): number {
  const name: { port?: number } = {};
  // A name that is taken is told only now (libuv, uv_tcp_bind).
  const code = handle.getsockname(name);
  if (code !== 0) throw failure(code);
  return name.port ?? 0;
}

function bindTcp(make: MakeTcp, address: string, port: number, family: 4 | 6): Handle {
  const made = make(address, port, family);
  if (typeof made === 'number') throw failure(made);
  try {
    portOf(made);
    return made;
  } catch (error) {
    made.close();
    throw error;
  }
}

/**
 * Binds a port for both protocols; 0: any that is free for both. Undefined where this Node does not let a socket be held without reading: then whoever
 * serves opens its own. Throws the system's error, `EADDRINUSE` when another program has the port.
 */
export function holdPort(address: string, port: number): HeldPort | undefined {
  const makeTcp: unknown = Reflect.get(net, '_createServerHandle');
  const family = address.includes(':') ? 6 : 4;
  for (let tries = 1; ; tries += 1) {
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4' });
    const udp = handleOf(socket);
    try {
      if (udp === undefined || typeof makeTcp !== 'function') {
        socket.close();
        return undefined;
      }
      const code = udp[family === 6 ? 'bind6' : 'bind'](address, port, 0);
      if (code !== 0) throw failure(code);
      const found = portOf(udp);
      const tcp = bindTcp(makeTcp as MakeTcp, address, found, family);
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
