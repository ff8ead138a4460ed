import { FarmError } from '#contract/errors.ts';
import { type HeldPort, holdPort } from '#kit/node/held-sockets.ts';
import { errorCode } from '#kit/node/whole-file.ts';
import { createRestarts } from '#kit/restarts.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Log } from '../../../../ports/request.ts';
import type { OpenZoneServer, ZoneServerOptions } from '../zone-server.ts';
import { beginLife, type Ending, type Life } from './one-life.ts';
import { startProgram } from './start-program.ts';

export type NameServerProgram = {
  /** The Node that runs it; asked at each start. */
  readonly runtime: () => Promise<string>;
  /** `name-server.cjs`, or its source (`main.ts`). */
  readonly bundlePath: string;
  /** Whether the system lets a process pass UDP sockets to another; where not, the process opens its own. */
  readonly canPassSockets: boolean;
  /** Whose name server it is: by it a user of its own is chosen. */
  readonly home: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** Whoever answered for a minute has started well. */
const again = { firstMs: 100, longestMs: 30_000, chance: 0.2, goodMs: 60_000 };

type Waiter = { readonly version: number; readonly resolve: () => void };

function hold(program: NameServerProgram, { address, port }: ZoneServerOptions): HeldPort | undefined {
  try {
    return program.canPassSockets ? holdPort(address, port) : undefined;
  } catch (error) {
    throw errorCode(error) === 'EADDRINUSE' ? new FarmError('PORT_TAKEN', { port, owner: 'unknown' }) : error;
  }
}

/** What whoever opens is told when the first process does not come to serve. */
function failureOf(ending: Ending, port: number, runtime: string): Error {
  if (ending.how === 'refused' && ending.code === 'EADDRINUSE') return new FarmError('PORT_TAKEN', { port, owner: 'unknown' });
  if (ending.how === 'not-started') return new FarmError('NOT_PERMITTED_BY_OS', { what: runtime }, { cause: ending.cause });
  const [exit, words] = ending.how === 'exited' ? [ending.exit, ending.lastWords] : [ending.how, ''];
  return new FarmError('APPLICATION_DIED', { name: 'farm-name-server', exitCode: exit, lastLine: words.trim().split('\n').at(-1) ?? '' });
}

/**
 * A name server in a process of its own. The sockets stay here, unread, where the system lets them be passed: whatever becomes of the process, nobody else
 * gets its port, and what is asked meanwhile waits for the next one. A process that ends or hangs is followed by another, which is given all zones
 * afresh. Besides `PORT_TAKEN` the opening throws `PROGRAM_DAMAGED`, `NOT_PERMITTED_BY_OS` and `APPLICATION_DIED`.
 */
export function createOpenNameServer(program: NameServerProgram): OpenZoneServer {
  const { clock, log } = program;
  return async (options) => {
    const held = hold(program, options);
    let port = held?.port ?? options.port;
    let version = 1;
    /** The last that a living process answered from; 0: none answers. */
    let answered = 0;
    let silentSinceMs: number | undefined = clock.nowMs();
    let waiters: readonly Waiter[] = [];
    const restartMs = createRestarts(again);
    let isClosed = false;
    let life: Life | undefined;
    let cancelNext = (): void => undefined;
    const first = Promise.withResolvers<void>();
    let isOpen = false;

    const reached = (at: number): void => {
      answered = at;
      const done = waiters.filter((waiter) => waiter.version <= answered);
      waiters = waiters.filter((waiter) => waiter.version > answered);
      for (const { resolve } of done) resolve();
    };
    const follow = (livedMs: number): void => {
      if (!isClosed) cancelNext = clock.after(restartMs(livedMs), () => void start());
    };
    const ended = (ending: Ending, startedMs: number, runtime: string): void => {
      life = undefined;
      answered = 0;
      silentSinceMs ??= clock.nowMs();
      if (isClosed) return;
      if (!isOpen) {
        first.reject(failureOf(ending, port, runtime));
        return;
      }
      log.warn('name-server.ended', { port, ...ending });
      follow(performance.now() - startedMs);
    };
    const start = async (): Promise<void> => {
      try {
        const runtime = await program.runtime();
        if (isClosed) return;
        const startedMs = performance.now();
        const started = startProgram({ runtime, bundlePath: program.bundlePath, home: program.home, isPassing: held !== undefined });
        life = beginLife({
          program: started,
          clock,
          held,
          address: options.address,
          port,
          begin: () => ({ version, zones: options.zones() }),
          serving: (found, taken) => {
            port = found;
            silentSinceMs = undefined;
            const { userId = 'ours', isBound } = started;
            log.info('name-server.serving', {
              port,
              processId: started.child.pid,
              userId,
              isBound,
              durationMs: Math.round(performance.now() - startedMs),
            });
            isOpen = true;
            first.resolve();
            reached(taken);
          },
          taken: reached,
          ended: (ending) => ended(ending, startedMs, runtime),
        });
      } catch (error) {
        if (!isOpen) {
          first.reject(error);
          return;
        }
        log.warn('name-server.not-started', { port, error: String(error) });
        follow(0);
      }
    };
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      isClosed = true;
      cancelNext();
      await life?.end();
      held?.close();
    };

    await start();
    try {
      await first.promise;
    } catch (error) {
      await close();
      throw error;
    }
    return {
      port,
      silentSinceMs: () => silentSinceMs,
      tell: (change) => {
        version += 1;
        life?.tell(version, change);
      },
      caughtUp: (signal) => {
        if (answered >= version) return Promise.resolve();
        return new Promise((resolve, reject) => {
          const waiter = { version, resolve };
          waiters = [...waiters, waiter];
          signal.addEventListener(
            'abort',
            () => {
              waiters = waiters.filter((other) => other !== waiter);
              reject(signal.reason);
            },
            { once: true },
          );
        });
      },
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  };
}
