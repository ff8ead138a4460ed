import type { AddressInfo, Server } from 'node:net';
import type { EdgeListener } from '#contract/agent/edge.ts';
import { listen } from './front.ts';

export type ListenerKind = 'https' | 'http';
export const listenerKinds = ['https', 'http'] as const;
export type ListenAddress = {
  readonly host: string;
  readonly port: number;
  /** With port 0: the port that it had last, taken again where it is free. */
  readonly lastPort?: number | undefined;
};

/** Called in the very turn in which a socket begins to listen: a connection that comes before somebody minds it would never be answered. */
export type Begin = (listener: Server, kind: ListenerKind) => void;

type Slot = { server: Server | undefined; problem: string; delayMs: number; timer: NodeJS.Timeout | undefined };

const firstRetryMs = 200;
const longestRetryMs = 5000;

export type Listeners = {
  readonly get: (kind: ListenerKind) => Server | undefined;
  /** Opens what is not open; resolves after one try of each. What fails is tried again, 0.2 to 5 s later, until it listens. */
  readonly open: () => Promise<void>;
  /** Takes a socket that another process opened. */
  readonly take: (kind: ListenerKind, server: Server) => void;
  readonly describe: (kind: ListenerKind) => EdgeListener;
  /** No more tries: somebody else takes over. `open` begins again. */
  readonly pause: () => void;
  readonly close: () => void;
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));
const portOf = (server: Server): number => (server.address() as AddressInfo | null)?.port ?? 0;

/**
 * The two listening sockets of the edge. Neither needs the other: a foreign program on port 80 costs the redirect, never HTTPS.
 */
export function createListeners(options: {
  readonly addresses: Readonly<Record<ListenerKind, ListenAddress>>;
  readonly begin: Begin;
  /** Called when a late one listens at last, and with each new reason why one does not. */
  readonly changed: (kind: ListenerKind, now: EdgeListener) => void;
}): Listeners {
  const { addresses, begin, changed } = options;
  const slots: Record<ListenerKind, Slot> = {
    https: { server: undefined, problem: '', delayMs: firstRetryMs, timer: undefined },
    http: { server: undefined, problem: '', delayMs: firstRetryMs, timer: undefined },
  };
  let isPaused = false;

  const listenAt = async (kind: ListenerKind): Promise<Server> => {
    const { host, port, lastPort } = addresses[kind];
    const started = (listener: Server): void => begin(listener, kind);
    if (port !== 0 || lastPort === undefined) return listen(host, port, started);
    return listen(host, lastPort, started).catch(() => listen(host, 0, started));
  };
  const describe = (kind: ListenerKind): EdgeListener => {
    const { server, problem } = slots[kind];
    const { host, port } = addresses[kind];
    return { address: host, port: server === undefined ? port : portOf(server), isListening: server !== undefined, problem };
  };
  const tryOnce = async (kind: ListenerKind, isFirst: boolean): Promise<void> => {
    const slot = slots[kind];
    if (slot.server !== undefined || isPaused) return;
    try {
      const server = await listenAt(kind);
      // Paused meanwhile: whoever takes over could not open it.
      if (isPaused) {
        server.close();
        return;
      }
      slot.server = server;
      slot.problem = '';
      slot.delayMs = firstRetryMs;
      if (!isFirst) changed(kind, describe(kind));
    } catch (error) {
      const problem = codeOf(error);
      const isNew = problem !== slot.problem;
      slot.problem = problem;
      if (isNew) changed(kind, describe(kind));
      retryLater(kind);
    }
  };
  const retryLater = (kind: ListenerKind): void => {
    const slot = slots[kind];
    if (isPaused) return;
    clearTimeout(slot.timer);
    slot.timer = setTimeout(() => void tryOnce(kind, false), slot.delayMs);
    slot.delayMs = Math.min(longestRetryMs, slot.delayMs * 2);
  };

  return {
    get: (kind) => slots[kind].server,
    open: async () => {
      isPaused = false;
      await Promise.all(listenerKinds.map((kind) => tryOnce(kind, true)));
    },
    take: (kind, server) => {
      slots[kind].server = server;
    },
    describe,
    pause: () => {
      isPaused = true;
      for (const kind of listenerKinds) clearTimeout(slots[kind].timer);
    },
    close: () => {
      for (const kind of listenerKinds) slots[kind].server?.close();
    },
  };
}
