import { pacedSend } from '#kit/paced-socket.ts';
import { type ClientLink, ORPCError } from '@orpc/client';
import { StandardRPCLink } from '@orpc/client/standard';
import { LinkWebsocketClient } from '@orpc/client/websocket';
import { ResponseValidationPlugin } from '@orpc/contract/plugins';
import type { RawData, WebSocket } from 'ws';
import * as z from 'zod';
import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import { agentApi } from '#contract/agent/index.ts';
import { type Names, unreachable, withNames } from './causes.ts';
import { keptStream } from './kept-stream.ts';

export type NoContext = Record<never, never>;
export type AgentCalls = ClientLink<NoContext>;

const openState = 1;
const reference = z.object({ reference: z.string() });

type Facade = ConstructorParameters<typeof LinkWebsocketClient>[0]['websocket'];

/**
 * The socket as the RPC library sees it: always open, never throwing, and slow when the agent reads slowly (at most 1 MB is on its way).
 * The library sends from places where nobody catches; what cannot be sent any more is told by `gone` instead. It hears only of the end: messages
 * are handed to it by us, because it does not catch what a broken one throws either.
 */
function facadeOf(socket: WebSocket): Facade {
  const paced = pacedSend<Parameters<WebSocket['send']>[0]>(socket);
  const send = (data: string | ArrayBufferLike | Blob | ArrayBufferView): unknown => {
    if (socket.readyState !== openState || data instanceof Blob) return undefined;
    return paced(data);
  };
  const facade = {
    readyState: openState,
    send,
    addEventListener: (type: string, listener: () => void) => {
      if (type === 'close') socket.on('close', listener);
    },
    removeEventListener: () => undefined,
  };
  // The library declares the DOM's whole socket and uses these four of it.
  return facade as unknown as Facade;
}

/**
 * Typed calls over one open socket. A call or a stream ends at once when its own signal or `gone` does, also while the socket is stalled.
 * Answers are checked against the contract, unknown fields fall away. `onBroken` is told of a message that is none.
 */
export function rpcOverSocket(socket: WebSocket, names: Names, gone: AbortSignal, onBroken: (error: unknown) => void): AgentCalls {
  const sender = new LinkWebsocketClient<NoContext>({ websocket: facadeOf(socket) });
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? bytesOf(data) : data.toString();
    sender['peer'].message(message as string).catch(onBroken);
  });
  const link = new StandardRPCLink<NoContext>(sender, { url: 'http://orpc', plugins: [new ResponseValidationPlugin(agentApi)] });

  return {
    call: async (path, input, options) => {
      const mine = new AbortController();
      const [onGone, onAbort] = [() => mine.abort(gone.reason), () => mine.abort(options.signal?.reason)];
      const release = (): void => {
        gone.removeEventListener('abort', onGone);
        options.signal?.removeEventListener('abort', onAbort);
      };
      gone.addEventListener('abort', onGone);
      options.signal?.addEventListener('abort', onAbort);
      if (gone.aborted) onGone();
      if (options.signal?.aborted) onAbort();
      const translate = (error: unknown): unknown => (mine.signal.aborted ? mine.signal.reason : fromWire(error, names));
      try {
        const output = await untilAborted(mine.signal, () => link.call(path, input, { ...options, signal: mine.signal }));
        if (!isStream(output)) {
          release();
          return output;
        }
        const onEnd = (): void => {
          release();
          // Tells the agent, wherever its generator stands.
          mine.abort();
        };
        const tooSlow = () => unreachable(names, 'closed');
        return keptStream(output[Symbol.asyncIterator](), { signal: mine.signal, translate, tooSlow, onEnd });
      } catch (error) {
        release();
        throw translate(error);
      }
    },
  };
}

function bytesOf(data: RawData): Buffer {
  return Buffer.concat([data].flat().map((part) => (part instanceof ArrayBuffer ? Buffer.from(part) : part)));
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** Does not wait for the act once the signal is given: on a stalled socket the act would never end. */
function untilAborted<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    act()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The agent's coded error as the error that we throw ourselves; its bugs by the reference under which it logged them. */
function fromWire(error: unknown, names: Names): unknown {
  if (!(error instanceof ORPCError)) return error;
  const known = farmErrorFrom(error.code, error.data);
  if (known) return withNames(known, names);
  const bug = reference.safeParse(error.data);
  return new Error(`agent ${names.server}: ${error.code}${bug.success ? ` ${bug.data.reference}` : ''}`, { cause: error });
}
