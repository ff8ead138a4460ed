import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Api } from '#contract/api/index.ts';
import type { Failure } from '#contract/errors.ts';
import type { Language } from '#contract/ids.ts';
import type { KeychainAccess } from '../../compose-shell.ts';
import type { Log } from '../../ports/request.ts';
import { fromCore, type FromCore, type Opening, type ToCore } from './core-messages.ts';
import type { CoreProcess, ElectronParts, MainPort } from './electron-parts.ts';
import type { CorePort } from './serve-core.ts';

export type CoreHost = {
  /** Gives the core one end of a window's port; what is sent through it before the core is open waits. */
  readonly connect: (windowId: number, port: MainPort) => void;
  /** The main process itself as a client; calls wait until the core is open. */
  readonly client: () => ContractRouterClient<Api>;
  /** The process of the core; undefined while none runs, or when the core runs in this one. */
  readonly processId: () => number | undefined;
  /** Starts the demo farm when the home has no farm, or one that stopped half way. */
  readonly startDemo: (language: Language) => void;
  /** Lets the home go, at most `closeLimitMs` long, and ends the process of the core. May be called twice. */
  readonly close: () => Promise<void>;
};

export type CoreHostOptions = {
  readonly opening: Opening;
  readonly keychain: KeychainAccess;
  readonly log: Log;
  readonly onTaken: () => void;
  readonly onShow: (language: Language | undefined) => void;
  /** The core cannot be opened, or kept running. Nothing of it runs then. */
  readonly onFailed: (failure: Failure, detail: string | undefined) => void;
  /** The core in this very process, should the system refuse it one of its own. */
  readonly loadHere: () => Promise<{ readonly serveCore: (port: CorePort) => void }>;
  readonly limits?: Partial<typeof hostLimits>;
};

/** A step of a job that is under way gives up within seconds; whoever shuts the computer down does not wait longer. */
export const hostLimits = { closeMs: 10_000, spawnMs: 20_000, mostRestarts: 5, restartPauseMs: 500, calmMs: 5 * 60_000 };

/** One running core, in whichever process. */
type Seat = {
  readonly post: (message: ToCore, transfer?: MainPort[]) => void;
  readonly end: () => void;
  readonly processId: () => number | undefined;
};

/** Calls of the main process itself come through a port like a window's. */
const ownWindowId = 0;

/**
 * Runs the core in a process of its own and keeps it running: one that died is begun again, after a pause that doubles, and the windows come back by
 * themselves. Where the system starts no such process, the core runs in this one.
 */
export function startCoreHost(
  { utilityProcess, MessageChannelMain }: Pick<ElectronParts, 'utilityProcess' | 'MessageChannelMain'>,
  options: CoreHostOptions,
): CoreHost {
  const { opening, keychain, log } = options;
  const limits = { ...hostLimits, ...options.limits };
  let seat: Seat | undefined;
  let isClosing = false;
  let hasFailed = false;
  let wasOpened = false;
  let isHere = false;
  let restarts = 0;
  let pause: NodeJS.Timeout | undefined;
  let calm: NodeJS.Timeout | undefined;
  let client: ContractRouterClient<Api> | undefined;
  const closed = Promise.withResolvers<void>();
  const waiting = new Map<number, MainPort>();
  const dropWaiting = (): void => {
    for (const port of waiting.values()) port.close();
    waiting.clear();
  };

  const fail = (failure: Failure, detail?: string): void => {
    const last = seat;
    seat = undefined;
    // Before its process ends: that is no death then, after which it would be begun again.
    hasFailed = true;
    dropWaiting();
    closed.resolve();
    last?.end();
    if (!isClosing) options.onFailed(failure, detail);
  };
  const answer = async ({ request, act, text = '' }: Extract<FromCore, { kind: 'keychain' }>): Promise<void> => {
    // Questions are numbered anew by each core: an answer to another one would be taken for its own.
    const asker = seat;
    const asked = act === 'availability' ? keychain.availability() : keychain[act](text);
    const said = await asked.catch((error: unknown) => log.warn('keychain', { act, error: String(error) }));
    if (seat === asker) asker?.post({ kind: 'keychain', request, ...(typeof said === 'string' ? { answer: said } : {}) });
  };
  const hear = (data: unknown): void => {
    const message = fromCore.safeParse(data).data;
    switch (message?.kind) {
      case 'taken':
        options.onTaken();
        break;
      case 'opened':
        wasOpened = true;
        calm = setTimeout(() => {
          restarts = 0;
        }, limits.calmMs);
        break;
      case 'failed':
        fail(message.failure, message.detail);
        break;
      case 'keychain':
        void answer(message);
        break;
      case 'show':
        options.onShow(message.language);
        break;
      case 'closed':
        closed.resolve();
        break;
    }
  };
  const open = (made: Seat): void => {
    seat = made;
    client = undefined;
    // After a death the demo is not begun again: what it had begun is in the home.
    made.post({ kind: 'open', opening: { ...opening, isDemo: opening.isDemo && !wasOpened } });
    for (const [windowId, port] of waiting) made.post({ kind: 'window', windowId }, [port]);
    waiting.clear();
  };
  const lost = (code: number, wasAlive: boolean): void => {
    seat = undefined;
    client = undefined;
    clearTimeout(calm);
    if (isClosing || hasFailed) {
      closed.resolve();
      return;
    }
    log.warn('core.gone', { code, wasAlive });
    if (!wasAlive && !isHere) {
      void startHere();
      return;
    }
    if (restarts >= limits.mostRestarts) {
      fail({ code: 'INTERNAL', parameters: {}, reference: log.bug(new Error(`the core ended with ${code}, again and again`)) });
      return;
    }
    pause = setTimeout(startApart, limits.restartPauseMs * 2 ** restarts);
    restarts += 1;
  };
  const startApart = (): void => {
    let wasAlive = false;
    let child: CoreProcess;
    try {
      child = utilityProcess.fork(opening.places.corePath, [], { serviceName: 'Farmstead core' });
    } catch (error) {
      // Out of the timer of a restart nobody would hear it, and the windows would wait for a core for ever.
      log.bug(error);
      lost(-1, false);
      return;
    }
    let hasEnded = false;
    const end = (code: number): void => {
      clearTimeout(unborn);
      if (!hasEnded) lost(code, wasAlive);
      hasEnded = true;
    };
    // That the system refuses the process is told by no event, only by `spawn` that fails to come (electron_api_utility_process.cc).
    const unborn = setTimeout(() => {
      child.kill();
      end(-1);
    }, limits.spawnMs);
    child.on('spawn', () => {
      clearTimeout(unborn);
      // Too late: another core has its place.
      if (hasEnded) child.kill();
    });
    child.on('message', (data) => {
      if (hasEnded) return;
      clearTimeout(unborn);
      wasAlive = true;
      hear(data);
    });
    // Without a listener this event is thrown. The report that comes third holds the whole environment.
    child.on('error', (type, location) => log.warn('core.fatal', { type, location }));
    child.on('exit', end);
    open({
      post: (message, transfer) => child.postMessage(message, transfer),
      end: () => void child.kill(),
      processId: () => child.pid,
    });
  };
  const startHere = async (): Promise<void> => {
    isHere = true;
    try {
      const { serveCore } = await options.loadHere();
      if (isClosing) {
        closed.resolve();
        return;
      }
      const listeners: Parameters<CorePort['on']>[1][] = [];
      serveCore({ on: (_event, listener) => listeners.push(listener), postMessage: (message) => queueMicrotask(() => hear(message)) });
      open({
        post: (data, ports = []) =>
          queueMicrotask(() => {
            for (const listener of listeners) listener({ data, ports });
          }),
        end: () => undefined,
        processId: () => undefined,
      });
    } catch (error) {
      fail({ code: 'INTERNAL', parameters: {}, reference: log.bug(error) });
    }
  };

  startApart();
  const connect = (windowId: number, port: MainPort): void => {
    if (seat !== undefined) {
      seat.post({ kind: 'window', windowId }, [port]);
      return;
    }
    // Between a death and the next start it waits for the core to come; of one page only the newest.
    waiting.get(windowId)?.close();
    waiting.set(windowId, port);
    if (isClosing || hasFailed) dropWaiting();
  };
  return {
    connect,
    processId: () => seat?.processId(),
    client: () => {
      if (client !== undefined) return client;
      const { port1, port2 } = new MessageChannelMain();
      connect(ownWindowId, port1);
      const made = createORPCClient<ContractRouterClient<Api>>(new RPCLink({ port: port2 }));
      // Through a port that has closed a call would never be answered.
      port2.on('close', () => {
        if (client === made) client = undefined;
      });
      port2.start();
      if (seat !== undefined) client = made;
      return made;
    },
    startDemo: (language) => seat?.post({ kind: 'demo', language }),
    close: async () => {
      if (!isClosing) {
        isClosing = true;
        clearTimeout(pause);
        clearTimeout(calm);
        dropWaiting();
        if (seat === undefined) closed.resolve();
        else seat.post({ kind: 'close' });
      }
      const limit = setTimeout(() => {
        log.warn('core.close', { problem: 'not closed in time', limitMs: limits.closeMs });
        closed.resolve();
      }, limits.closeMs);
      await closed.promise.finally(() => clearTimeout(limit));
      seat?.end();
    },
  };
}
