import { backOffMs } from '#kit/back-off.ts';
import { createORPCClient } from '@orpc/client';
import { failureOf } from '#contract/agent/coded-failure.ts';
import { type Failure, FarmError, isFarmError } from '#contract/errors.ts';
import type { CoreIdentity, LinkState, LinkTarget } from '../../ports/agent-link.ts';
import type { AgentWriteLink } from '../../ports/agent-writes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/request.ts';
import { type AgentConnection, connectAgent } from './agent-connection.ts';
import { unreachable } from './causes.ts';
import type { AgentCalls } from './rpc-over-socket.ts';

export type KeptLinkOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly coreVersion: string;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly beatMs: number;
  readonly identity: CoreIdentity;
  readonly target: LinkTarget;
};

/** Half of it is chance, so that the agents of a farm do not all come back in one instant. */
export const reconnect = { firstMs: 200, longestMs: 15_000, chance: 0.5 };
/** A connection that held for so long was a good one: the next is tried early again. */
const heldMs = 10_000;
/** How long a call waits for a first connection. */
const callPatienceMs = 10_000;
/** What will not be otherwise in a moment: who waits is told at once. The link itself keeps trying, because people mend these. */
const lasting: ReadonlySet<string> = new Set(['CLOCK_OFF', 'AGENT_TOO_OLD', 'CORE_EPOCH_OLD']);

/** A link that connects again and again until it is closed. What it promises: `AgentLink`. */
export function keepLink(options: KeptLinkOptions): AgentWriteLink {
  const { clock, log, target, random } = options;
  const names = { server: target.serverName, address: target.address };
  const closing = new AbortController();
  const listeners = new Set<(state: LinkState) => void>();
  let state: LinkState = { state: 'connecting', sinceMs: clock.nowMs() };
  let connection: AgentConnection | undefined;
  let lastError = unreachable(names, 'timeout');
  let wakeUp = (): void => {};

  const tell = (listener: (state: LinkState) => void): void => {
    try {
      listener(state);
    } catch (error) {
      log.bug(error, { during: 'agent-link-state' });
    }
  };
  const set = (next: LinkState): void => {
    state = next;
    for (const listener of [...listeners]) tell(listener);
  };
  const onState = (listener: (state: LinkState) => void): (() => void) => {
    // A function of its own, so that the same listener twice is two.
    const own = (next: LinkState): void => listener(next);
    listeners.add(own);
    tell(own);
    return () => listeners.delete(own);
  };

  const failed = (error: unknown): Failure => {
    if (isFarmError(error)) {
      lastError = error;
      return failureOf(error);
    }
    lastError = unreachable(names, 'closed', { cause: error });
    return { ...failureOf(lastError), reference: log.bug(error, { during: 'agent-link', server: target.serverId }) };
  };

  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const forget = clock.after(delayMs, resolve);
      wakeUp = () => {
        forget();
        resolve();
      };
    });

  /** One attempt and what became of it, until it is over. */
  const attemptOnce = async (): Promise<{ error: unknown; hasHeld: boolean }> => {
    try {
      const onClockOffset = (clockOffsetMs: number): void => {
        if (state.state !== 'connected') return;
        log.info('agent-clock', { server: target.serverId, clockOffsetMs, before: state.clockOffsetMs });
        set({ ...state, clockOffsetMs });
      };
      const opened = await connectAgent({ ...options, names, signal: closing.signal, onClockOffset });
      connection = opened;
      const sinceMs = clock.nowMs();
      const { agentVersion, bootId, clockOffsetMs, commands } = opened;
      log.info('agent-link-up', { server: target.serverId, agentVersion, clockOffsetMs });
      // It may have ended between its hello and here.
      const ended = new Promise<void>((resolve) => {
        if (opened.gone.aborted) resolve();
        opened.gone.addEventListener('abort', () => resolve());
      });
      set({ state: 'connected', sinceMs, agentVersion, bootId, clockOffsetMs, commands });
      await ended;
      return { error: opened.gone.reason, hasHeld: clock.nowMs() - sinceMs >= heldMs };
    } catch (error) {
      return { error, hasHeld: false };
    } finally {
      connection = undefined;
    }
  };

  const keep = async (): Promise<void> => {
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      const { error, hasHeld } = await attemptOnce();
      if (closing.signal.aborted) return;
      if (hasHeld) attempt = 0;
      const failure = failed(error);
      const delayMs = backOffMs(reconnect, attempt, random());
      const sinceMs = clock.nowMs();
      log.info('agent-link-down', { server: target.serverId, ...failure, delayMs });
      const waited = wait(delayMs);
      set({ state: 'waiting', sinceMs, retryAtMs: sinceMs + delayMs, failure });
      await waited;
      if (!closing.signal.aborted) set({ state: 'connecting', sinceMs: clock.nowMs(), failure });
    }
  };

  const retryNow = (): void => wakeUp();

  /** Resolves when connected; throws when the time is over, the link closed, or a failure came that `isFinal` says not to wait for. */
  const connected = (timeoutMs: number, isFinal: (error: FarmError) => boolean, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      let stop = (): void => {};
      const settle = (error?: unknown): void => {
        stop();
        if (error === undefined) resolve();
        else reject(error);
      };
      if (closing.signal.aborted) return reject(unreachable(names, 'closed'));
      if (signal?.aborted) return reject(signal.reason);
      if (connection) return resolve();
      const onClose = (): void => settle(unreachable(names, 'closed'));
      const onAbort = (): void => settle(signal?.reason);
      let isFirst = true;
      const stopListening = onState((now) => {
        if (isFirst) return;
        if (now.state === 'connected') settle();
        else if (now.state === 'waiting' && isFinal(lastError)) settle(lastError);
      });
      isFirst = false;
      const stopWaiting = clock.after(timeoutMs, () => settle(lastError));
      closing.signal.addEventListener('abort', onClose);
      signal?.addEventListener('abort', onAbort);
      stop = () => {
        stopListening();
        stopWaiting();
        closing.signal.removeEventListener('abort', onClose);
        signal?.removeEventListener('abort', onAbort);
      };
    });

  const isLasting = (error: FarmError): boolean =>
    lasting.has(error.code) ||
    (isFarmError(error, 'SERVER_UNREACHABLE') && (error.parameters.cause === 'identity' || error.parameters.cause === 'left'));

  const calls: AgentCalls = {
    call: async (path, input, callOptions) => {
      if (closing.signal.aborted) throw unreachable(names, 'closed');
      if (state.state === 'waiting') throw lastError;
      if (!connection) await connected(callPatienceMs, () => true, callOptions.signal);
      if (!connection) throw lastError;
      if (!connection.commands.includes(path.join('.'))) {
        throw new FarmError('COMMAND_MISSING', { server: target.serverName, command: path.join('.') });
      }
      return connection.calls.call(path, input, callOptions);
    },
  };

  const running = keep();
  return {
    client: createORPCClient(calls),
    state: () => state,
    onState,
    ready: (timeoutMs) => {
      const isReady = connected(timeoutMs, isLasting);
      retryNow();
      return isReady;
    },
    retryNow,
    close: async () => {
      if (!closing.signal.aborted) {
        listeners.clear();
        closing.abort();
        connection?.end('closed');
        wakeUp();
      }
      await running;
    },
  };
}
