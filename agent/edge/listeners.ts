import type { EdgeListener } from '#contract/agent/edge.ts';
import { bindSocket, type BoundSocket, portOf } from '#kit/node/bound-socket.ts';

export type ListenerKind = 'https' | 'http';
export const listenerKinds = ['https', 'http'] as const;
export type ListenAddress = {
  readonly host: string;
  readonly port: number;
  /** With port 0: the port that it had last, taken again where it is free. */
  readonly lastPort?: number | undefined;
};

type Slot = { socket: BoundSocket | undefined; problem: string; delayMs: number; timer: NodeJS.Timeout | undefined };

const firstRetryMs = 200;
const longestRetryMs = 5000;

export type Listeners = {
  readonly get: (kind: ListenerKind) => BoundSocket | undefined;
  /** Opens what is not open; resolves after one try of each. What fails is tried again, 0.2 to 5 s later, until it listens. */
  readonly open: () => Promise<void>;
  /** Takes a socket that another process opened. */
  readonly take: (kind: ListenerKind, socket: BoundSocket) => void;
  readonly describe: (kind: ListenerKind) => EdgeListener;
  /** No more tries: somebody else takes over. `open` begins again. */
  readonly pause: () => void;
  readonly close: () => void;
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

/**
 * The two listening sockets of the edge. Neither needs the other: a foreign program on port 80 costs the redirect, never HTTPS.
 */
export function createListeners(options: {
  readonly addresses: Readonly<Record<ListenerKind, ListenAddress>>;
  /** Gives a socket to who listens at it; resolves with the system's code, or with nothing when somebody does. */
  readonly begin: (socket: BoundSocket, kind: ListenerKind) => Promise<string>;
  /** A socket that `begin` got is closed: nobody can listen at it. */
  readonly give: (kind: ListenerKind) => void;
  /** Called when a late one listens at last, and with each new reason why one does not. */
  readonly changed: (kind: ListenerKind, now: EdgeListener) => void;
}): Listeners {
  const { addresses, begin, give, changed } = options;
  const slots: Record<ListenerKind, Slot> = {
    https: { socket: undefined, problem: '', delayMs: firstRetryMs, timer: undefined },
    http: { socket: undefined, problem: '', delayMs: firstRetryMs, timer: undefined },
  };
  let isPaused = false;

  const openAt = async (kind: ListenerKind, port: number): Promise<BoundSocket> => {
    const socket = await bindSocket(addresses[kind].host, port);
    const problem = await begin(socket, kind);
    if (problem === '') return socket;
    give(kind);
    socket.close();
    throw Object.assign(new Error(problem), { code: problem });
  };
  const openOne = (kind: ListenerKind): Promise<BoundSocket> => {
    const { port, lastPort } = addresses[kind];
    return port !== 0 || lastPort === undefined ? openAt(kind, port) : openAt(kind, lastPort).catch(() => openAt(kind, 0));
  };
  const describe = (kind: ListenerKind): EdgeListener => {
    const { socket, problem } = slots[kind];
    const { host, port } = addresses[kind];
    return { address: host, port: socket === undefined ? port : portOf(socket), isListening: socket !== undefined, problem };
  };
  const tryOnce = async (kind: ListenerKind, isFirst: boolean): Promise<void> => {
    const slot = slots[kind];
    if (slot.socket !== undefined || isPaused) return;
    try {
      const socket = await openOne(kind);
      // Paused meanwhile: whoever takes over could not open it.
      if (isPaused) {
        give(kind);
        socket.close();
        return;
      }
      slot.socket = socket;
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
    get: (kind) => slots[kind].socket,
    open: async () => {
      isPaused = false;
      await Promise.all(listenerKinds.map((kind) => tryOnce(kind, true)));
    },
    take: (kind, socket) => {
      slots[kind].socket = socket;
    },
    describe,
    pause: () => {
      isPaused = true;
      for (const kind of listenerKinds) clearTimeout(slots[kind].timer);
    },
    close: () => {
      for (const kind of listenerKinds) slots[kind].socket?.close();
    },
  };
}
