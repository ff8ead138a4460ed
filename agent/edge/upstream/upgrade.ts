import { connect, type Socket } from 'node:net';
import { type AnswerHandler, type AnswerHead, AnswerParser, BadAnswer } from './answer-parser.ts';
import type { Failure, UpstreamTarget } from './upstream-connection.ts';

export type UpgradeAnswers = {
  readonly onUpgrade: (head: AnswerHead, upstream: Socket, rest: Buffer) => void;
  /** The application's own refusal: its head, its body piece by piece (false asks for a pause until `resume`), its end. */
  readonly onRefusal: (head: AnswerHead) => void;
  readonly onBody: (chunk: Buffer) => boolean;
  readonly onEnd: () => void;
  readonly onFailure: (failure: Pick<Failure, 'kind' | 'cause'>) => void;
};

export type Upgrade = {
  /** Ends the asking; nothing is called any more. After an upgrade it does nothing. */
  readonly stop: () => void;
  readonly resume: () => void;
};

/** Asks the upstream for another protocol on a connection of its own. `head` is the whole head of the request. */
export function askForUpgrade(target: UpstreamTarget, head: string, answerMs: number, answers: UpgradeAnswers): Upgrade {
  let isOver = false;
  const socket = connect({ host: target.host, port: target.port });
  const stop = (): void => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
  };
  const fail = (kind: Failure['kind'], cause: string): void => {
    if (isOver) return;
    stop();
    answers.onFailure({ kind, cause });
  };
  const handler: AnswerHandler = {
    onInterim: () => undefined,
    onHead: (answer) => {
      socket.setTimeout(0);
      answers.onRefusal(answer);
    },
    onBody: (view) => {
      if (!answers.onBody(Buffer.from(view))) socket.pause();
    },
    onEnd: () => {
      if (isOver) return;
      stop();
      answers.onEnd();
    },
    onUpgrade: (answer, rest) => {
      if (!isWebSocket(answer)) throw new BadAnswer('101-to-something-else');
      isOver = true;
      socket.off('data', onData);
      socket.setTimeout(0);
      answers.onUpgrade(answer, socket, rest);
    },
  };
  const parser = new AnswerParser(handler);
  const onData = (chunk: Buffer): void => {
    try {
      if (!isOver) parser.feed(chunk);
    } catch (error) {
      if (error instanceof BadAnswer) fail('unreadable', error.message);
      else fail('bug', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  };
  let isConnected = false;
  parser.begin(false, true);
  socket.setTimeout(answerMs, () => fail('slow', 'no-answer'));
  socket.on('connect', () => {
    isConnected = true;
  });
  socket.on('data', onData);
  socket.on('end', () => {
    if (!isOver && !parser.close()) fail('closed', 'closed');
  });
  socket.on('error', (error: NodeJS.ErrnoException) => fail(isConnected ? 'closed' : 'unreachable', error.code ?? error.message));
  socket.write(head, 'latin1');
  return { stop, resume: () => socket.resume() };
}

function isWebSocket({ raw }: AnswerHead): boolean {
  for (let at = 0; at + 1 < raw.length; at += 2)
    if (raw[at]?.toLowerCase() === 'upgrade' && raw[at + 1]?.toLowerCase() === 'websocket') return true;
  return false;
}
