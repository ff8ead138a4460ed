import type { Router } from '@orpc/server';
import { RPCHandler } from '@orpc/server/websocket';
import type { RawData, WebSocket } from 'ws';
import type { AgentApi } from '#contract/agent/index.ts';
import { FarmError } from '#contract/errors.ts';
import { coded } from './coded-errors.ts';
import type { LinkFiles } from './link-files.ts';
import { paced } from './paced-socket.ts';
import type { AgentIdentity, CommandContext, LinkClock, LinkLog } from './types.ts';

/** A core that cannot be heard for three of these is gone: its connection ends, and its streams with it. */
const pingMs = 10_000;
const silentPings = 3;
/** Who proved to be a core but does not say hello has no business here. */
const helloMs = 15_000;
const closeMs = 2_000;
/** So many messages that are none of ours are told of one connection, each so long; the others are counted. */
const toldMessages = 5;
const toldLength = 300;

/**
 * A piece of a package is the only long thing that a core says (1 MiB as base64). Of whatever else is longer nothing is read: 2.4 MB of nested values took 300 ms
 * of a turn.
 */
const longMessage = 262_144;
const isPiece = (text: string): boolean => /^\{"i":"?\w{1,20}"?,"p":\{"u":"\/packages\/upload"/.test(text.slice(0, 64));

type Core = CommandContext['core'];
type Connection = { readonly core: Core; readonly socket: WebSocket; isGreeted: boolean };

export type CoreConnections = {
  /** Serves the commands on an open socket until it ends. The peer is a core of our farm: the caller checked its certificate. */
  readonly serve: (socket: WebSocket, core: Core) => void;
  /** Ends every connection, after what was written to it. */
  readonly end: () => void;
};

export type CoreConnectionsOptions = {
  readonly files: LinkFiles;
  readonly clock: LinkClock;
  readonly log: LinkLog;
  readonly router: Router<AgentApi, CommandContext>;
  /** The farm is forgotten, the answer is on its way. Must not throw. */
  readonly onForgotten: (farmId: string) => void;
};

/** The cores that are connected now, and what their hello and their leave do to the agent's identity. */
export function createCoreConnections({ files, clock, log, router, onForgotten }: CoreConnectionsOptions): CoreConnections {
  const connections = new Map<CommandContext['connection'], Connection>();

  const handler = new RPCHandler<CommandContext>(router, {
    clientInterceptors: [
      ({ next, path, context }) =>
        coded(
          async () => {
            const isHello = path.join('.') === 'link.hello';
            if (!isHello && !connections.get(context.connection)?.isGreeted) throw refused('closed');
            return next();
          },
          log,
          path,
        ),
    ],
  });

  const endSocket = (socket: WebSocket): void => {
    socket.close(1000);
    socket.once(
      'close',
      clock.after(closeMs, () => socket.terminate()),
    );
  };

  const confirm = (connection: Connection, hello: { epoch: number; serverId: string }): AgentIdentity => {
    const identity = files.identity();
    if (identity?.farmId !== connection.core.farmId || identity.serverId !== hello.serverId) throw refused('identity');
    if (hello.epoch < identity.highestEpoch) throw new FarmError('CORE_EPOCH_OLD', { seen: identity.highestEpoch, sent: hello.epoch });
    const confirmed = { ...identity, highestEpoch: hello.epoch, isConfirmed: true };
    if (!identity.isConfirmed || identity.highestEpoch !== hello.epoch) files.saveIdentity(confirmed);
    // At the second hello, not the first: a core that dies between its first hello and saving the server takes the same code again.
    const shown = files.code();
    if (identity.isConfirmed && shown?.usedBy && !shown.isSpent) files.saveCode({ ...shown, isSpent: true });
    connection.isGreeted = true;
    for (const other of connections.values()) if (other.core.epoch < hello.epoch) endSocket(other.socket);
    return confirmed;
  };

  const forget = (farmId: string): void => {
    const shown = files.code();
    if (shown) files.saveCode({ ...shown, isSpent: true });
    files.saveIdentity(undefined);
    for (const connection of connections.values()) connection.isGreeted = false;
    // The answer of `leave` is written before any timer runs; closing waits for what was written.
    clock.after(0, () => {
      for (const { socket } of connections.values()) endSocket(socket);
      onForgotten(farmId);
    });
  };

  const serve = (socket: WebSocket, core: Core): void => {
    const entry: Connection = { core, socket, isGreeted: false };
    const connection: CommandContext['connection'] = {
      confirm: (hello) => confirm(entry, hello),
      forget: () => forget(core.farmId),
    };
    connections.set(connection, entry);
    let strange = 0;
    const stopWatching = watch(socket, clock);
    const stopWaiting = clock.after(helloMs, () => {
      if (!entry.isGreeted) socket.terminate();
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      stopWatching();
      stopWaiting();
      connections.delete(connection);
      if (strange > toldMessages) log.warn('core-messages', { untold: strange - toldMessages });
      log.info('core-gone', { epoch: core.epoch });
    });
    log.info('core-here', { epoch: core.epoch });
    const peer = paced(socket);
    const passOver = (error: unknown): void => {
      strange += 1;
      if (strange <= toldMessages) log.warn('core-message', { error: String(error).slice(0, toldLength) });
    };
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? bytesOf(data) : data.toString();
      const length = typeof message === 'string' ? message.length : message.byteLength;
      if (length > longMessage && (typeof message !== 'string' || !isPiece(message))) {
        passOver(`too long: ${length}`);
        return;
      }
      // What is no message of ours is passed over: a newer core may say what we do not know.
      handler.message(peer, message, { context: { core, connection } }).catch(passOver);
    });
    socket.on('close', () => handler.close(peer));
  };

  return {
    serve,
    end: () => {
      for (const { socket } of connections.values()) socket.terminate();
    },
  };
}

function refused(cause: 'closed' | 'identity'): FarmError {
  return new FarmError('SERVER_UNREACHABLE', { server: '', address: '', cause });
}

function bytesOf(data: RawData): ArrayBuffer {
  return Uint8Array.from(Buffer.concat([data].flat().map((part) => (part instanceof ArrayBuffer ? Buffer.from(part) : part)))).buffer;
}

/** Pings; everything that comes counts as life. A peer that only stopped reading is found too, because its pongs stop. */
function watch(socket: WebSocket, clock: LinkClock): () => void {
  let silent = 0;
  const heard = (): void => {
    silent = 0;
  };
  for (const event of ['message', 'pong', 'ping'] as const) socket.on(event, heard);
  let stop = (): void => {};
  const wait = (): void => {
    stop = clock.after(pingMs, () => {
      if (silent >= silentPings) return socket.terminate();
      silent += 1;
      socket.ping();
      wait();
    });
  };
  wait();
  return () => stop();
}
