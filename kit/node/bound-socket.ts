import { lookup } from 'node:dns/promises';
import net, { isIP, type Server } from 'node:net';
import { getSystemErrorName } from 'node:util';

/**
 * A TCP socket with an address that can be held without accepting: whoever has a copy of it may begin to listen, and what waits in its queue stays there for as
 * long as somebody has one. Node has such handles for its own cluster module and passes them over a channel as they are, while a `Server` that
 * comes over a channel accepts at once (https://github.com/nodejs/node/blob/v24.x/lib/internal/cluster/shared_handle.js).
 */
export type BoundSocket = {
  readonly getsockname: (out: { port?: number }) => number;
  readonly close: () => void;
  /** Called with the system's code and the connection, where this process itself accepts. */
  onconnection?: ((code: number, connection: BoundSocket | undefined) => void) | null;
};

/** Only this file knows it; where a Node has it not, `canBindSockets` says so. */
type MakeSocket = (host: string, port: number, family: 4 | 6) => BoundSocket | number;
const make: unknown = Reflect.get(net, '_createServerHandle');
export const canBindSockets = typeof make === 'function';

/** An error with the system's code: EADDRINUSE, EACCES. */
export function bindFailure(code: number, what = ''): NodeJS.ErrnoException {
  const name = getSystemErrorName(code);
  return Object.assign(new Error(`bind ${name} ${what}`.trim()), { code: name });
}

/** The port of a socket; 0 when the system does not say. */
export function portOf(socket: Pick<BoundSocket, 'getsockname'>): number {
  const name: { port?: number } = {};
  return socket.getsockname(name) === 0 ? (name.port ?? 0) : 0;
}

/** Binds a socket; nobody listens at it yet. Throws with the system's code. */
export function bindAddress(address: string, port: number): BoundSocket {
  const socket = (make as MakeSocket)(address, port, isIP(address) === 6 ? 6 : 4);
  if (typeof socket === 'number') throw bindFailure(socket, `${address}:${port}`);
  // A port that is taken is told only when it is asked for the name (libuv, uv_tcp_bind).
  const code = socket.getsockname({});
  if (code === 0) return socket;
  socket.close();
  throw bindFailure(code, `${address}:${port}`);
}

/** The same for an address or a name of the computer; rejects with ENOTFOUND too. */
export async function bindSocket(host: string, port: number): Promise<BoundSocket> {
  return bindAddress(isIP(host) === 0 ? (await lookup(host)).address : host, port);
}

/** The socket of a listening server, which goes on accepting until the socket is closed. */
export function socketOf(server: Server): BoundSocket {
  return (server as unknown as { readonly _handle: BoundSocket })._handle;
}

/** A server around a socket, for who can take only such over a channel; it accepts nothing here. */
export function serverAround(socket: BoundSocket): Server {
  return Object.assign(new net.Server(), { _handle: socket });
}
