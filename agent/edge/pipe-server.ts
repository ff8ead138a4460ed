import { timingSafeEqual } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { type Server, type Socket, createServer } from 'node:net';
import { type PipeAnswer, type PipeAsk, createLineReader, pipeRequest } from './pipe-messages.ts';

const longestLine = 65_536;

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Listens on the local pipe. An answer is sent when `answer` has resolved, so that it means "done". */
export async function servePipe(path: string, token: string, answer: (ask: PipeAsk) => Promise<Omit<PipeAnswer, 'id'>>): Promise<Server> {
  // The path was left by a killed edge: a live one uses the other slot. A Windows pipe is no file and needs none of it.
  if (!path.startsWith('\\\\')) rmSync(path, { force: true });
  const server = createServer((socket) => serveOne(socket, token, answer));
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

function serveOne(socket: Socket, token: string, answer: (ask: PipeAsk) => Promise<Omit<PipeAnswer, 'id'>>): void {
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
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
    answer(ask)
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
