import { timingSafeEqual } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { type Server, type Socket, createServer } from 'node:net';
import { type PipeAnswer, type PipeAsk, createLineReader, pipeRequest } from './pipe-messages.ts';

const longestLine = 65_536;

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** One end of a pipe is known by an object of its own. */
export type PipeUse = {
  readonly answer: (ask: PipeAsk, end: object) => Promise<Omit<PipeAnswer, 'id'>>;
  /** Whoever was at that end has hung up, or died. */
  readonly onGone: (end: object) => void;
};

/** Listens on the local pipe. An answer is sent when `answer` has resolved, so that it means "done". */
export async function servePipe(path: string, token: string, use: PipeUse): Promise<Server> {
  // The path was left by a killed edge: a live one uses the other slot. A Windows pipe is no file and needs none of it.
  if (!path.startsWith('\\\\')) rmSync(path, { force: true });
  const server = createServer((socket) => serveOne(socket, token, use));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  try {
    if (!path.startsWith('\\\\')) chmodSync(path, 0o600);
  } catch {
    // its folder is closed to others, and the token guards it
  }
  server.on('error', () => undefined);
  return server;
}

function serveOne(socket: Socket, token: string, { answer, onGone }: PipeUse): void {
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => onGone(socket));
  const onLine = (line: string): void => {
    let parsed: ReturnType<typeof pipeRequest.parse>;
    try {
      parsed = pipeRequest.parse(JSON.parse(line));
    } catch {
      socket.destroy();
      return;
    }
    const { id, ask } = parsed;
    if (!isSame(parsed.token, token)) {
      socket.destroy();
      return;
    }
    answer(ask, socket)
      .catch((error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }))
      .then((said) => {
        if (socket.writable) socket.write(`${JSON.stringify({ id, ...said })}\n`);
      })
      .catch(() => undefined);
  };
  socket.on(
    'data',
    createLineReader(longestLine, onLine, () => socket.destroy()),
  );
}
