import { type Socket, connect } from 'node:net';
import { FarmError } from '#contract/errors.ts';
import type { RunningEdge } from './edge-files.ts';
import { type PipeAnswer, type PipeAsk, createLineReader, pipeAnswer } from './pipe-messages.ts';

const longestLine = 65_536;

/** One open pipe to the edge. When the edge dies, the pipe closes at that moment: this is how the agent knows. */
export type PipeClient = {
  readonly edge: RunningEdge;
  /** Throws `SERVER_UNREACHABLE` when the edge does not answer, and a plain Error with what it says when it could not. */
  readonly ask: (ask: PipeAsk, timeoutMs: number) => Promise<PipeAnswer>;
  readonly close: () => void;
};

type Waiting = { readonly resolve: (answer: PipeAnswer) => void; readonly reject: (error: Error) => void };

const unreachable = (edge: RunningEdge, cause: 'timeout' | 'closed' | 'refused'): FarmError =>
  new FarmError('SERVER_UNREACHABLE', { server: 'edge', address: edge.pipe, cause });

/** Opens the pipe of a running edge. Rejects with `SERVER_UNREACHABLE`, whose cause is `refused` when nobody listens there. */
export async function openPipe(edge: RunningEdge, onClose: () => void): Promise<PipeClient> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect(edge.pipe, () => resolve(opened));
    // Only these mean that nobody listens there; anything else may pass.
    opened.once('error', (error: NodeJS.ErrnoException) =>
      reject(unreachable(edge, error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? 'refused' : 'timeout')),
    );
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let isClosed = false;
  // The agent may end while the pipe is open.
  socket.unref();
  socket.setEncoding('utf8');
  const onLine = (line: string): void => {
    const answer = pipeAnswer.parse(JSON.parse(line));
    waiting.get(answer.id)?.resolve(answer);
  };
  const onData = createLineReader(longestLine, onLine, () => socket.destroy());
  socket.on('data', (text: string) => {
    try {
      onData(text);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(unreachable(edge, 'closed'));
    onClose();
  });
  return {
    edge,
    ask: async (ask, timeoutMs) => {
      if (isClosed) throw unreachable(edge, 'closed');
      lastId += 1;
      const id = lastId;
      let timer: NodeJS.Timeout | undefined;
      try {
        const answer = await new Promise<PipeAnswer>((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          timer = setTimeout(() => reject(unreachable(edge, 'timeout')), timeoutMs);
          socket.write(`${JSON.stringify({ id, token: edge.token, ask })}\n`);
        });
        if (answer.problem !== undefined) throw new Error(answer.problem);
        return answer;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    close: () => socket.destroy(),
  };
}
