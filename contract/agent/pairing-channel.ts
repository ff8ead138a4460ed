import { FarmError } from '../errors.ts';
import type { PairingChannel } from './pairing-conversation.ts';

/** A socket of text messages, whatever library it is of. */
export type TextSocket = {
  readonly send: (text: string, done: (error?: Error | null) => void) => void;
  readonly onText: (listener: (text: string) => void) => void;
  readonly onEnd: (listener: () => void) => void;
  readonly end: () => void;
};

/** How many messages may wait unread. The conversation takes turns: a peer that says more is not one of ours. */
const mostUnread = 4;

function gone(cause: 'closed' | 'timeout'): FarmError {
  return new FarmError('SERVER_UNREACHABLE', { server: '', address: '', cause });
}

/**
 * The conversation's messages over a socket, one JSON text each. Nothing hangs on a silent peer: a send or a receive that takes longer than
 * `silenceMs` throws `SERVER_UNREACHABLE` (`timeout`) and ends the socket; an ended socket gives `closed`, after what had already come.
 */
export function pairingChannel(
  socket: TextSocket,
  after: (delayMs: number, call: () => void) => () => void,
  silenceMs: number,
): PairingChannel {
  const unread: string[] = [];
  let wake: (() => void) | undefined;
  let ended: 'closed' | 'timeout' | undefined;
  const end = (cause: 'closed' | 'timeout'): void => {
    ended ??= cause;
    wake?.();
  };
  socket.onEnd(() => end('closed'));
  socket.onText((text) => {
    if (unread.length >= mostUnread) {
      end('closed');
      socket.end();
      return;
    }
    unread.push(text);
    wake?.();
  });

  const within = <T>(act: (settle: (result: T | FarmError) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const forget = after(silenceMs, () => {
        end('timeout');
        socket.end();
        settle(gone('timeout'));
      });
      const settle = (result: T | FarmError): void => {
        forget();
        if (result instanceof FarmError) reject(result);
        else resolve(result);
      };
      act(settle);
    });

  return {
    send: (message) =>
      within<undefined>((settle) => {
        if (ended) settle(gone(ended));
        else socket.send(JSON.stringify(message), (error) => settle(error ? gone('closed') : undefined));
      }),
    receive: () =>
      within<unknown>((settle) => {
        const look = (): void => {
          const text = unread.shift();
          if (text === undefined && ended === undefined) return;
          wake = undefined;
          if (text === undefined) settle(gone(ended ?? 'closed'));
          else settle(parsed(text));
        };
        wake = look;
        look();
      }),
  };
}

/** What is no JSON is no message of ours, and is refused as one by the conversation. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
