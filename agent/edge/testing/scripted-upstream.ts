import { type AddressInfo, type Socket, createServer } from 'node:net';

/** One request as the upstream read it: bytes, not an interpretation. */
export type Heard = {
  /** Request line and fields, without the empty line. */
  readonly head: string;
  readonly line: string;
  readonly body: string;
  readonly socket: Socket;
  /** 0 for the first request of its connection. */
  readonly at: number;
  /** 0 for the first connection. */
  readonly connection: number;
};

export type ScriptedUpstream = {
  readonly host: string;
  readonly port: number;
  readonly heard: Heard[];
  /** Connections open now, and made so far. */
  readonly open: () => number;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

type Options = {
  readonly host?: string;
  /** Answer as soon as the head is there. */
  readonly early?: boolean;
  readonly onConnection?: (socket: Socket, connection: number) => void;
};

/** What of `rest` is the body; undefined while it is not whole. A chunked body must be the last that was sent. */
function bodyIn(head: string, rest: string): string | undefined {
  if (/\ntransfer-encoding: chunked/i.test(head)) return /\r?\n?0\r\n(?:[^\r\n]+\r\n)*\r\n$/.test(rest.slice(-300)) ? rest : undefined;
  const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return rest.length < length ? undefined : rest.slice(0, length);
}

/** An upstream that answers with whatever bytes a test writes: what no HTTP library would send. `answer` gets one whole request at a time. */
export async function startScripted(answer: (heard: Heard) => void, options: Options = {}): Promise<ScriptedUpstream> {
  const { host = '127.0.0.1', early = false, onConnection } = options;
  const sockets = new Set<Socket>();
  const heard: Heard[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const connection = connections;
    connections += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    onConnection?.(socket, connection);
    let pending = '';
    let at = 0;
    let isAnswered = false;
    socket.on('data', (chunk: Buffer) => {
      pending += chunk.toString('latin1');
      for (;;) {
        const end = pending.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = pending.slice(0, end);
        const body = bodyIn(head, pending.slice(end + 4));
        if (body === undefined && (!early || isAnswered)) return;
        const one: Heard = { head, line: head.split('\r\n')[0] ?? '', body: body ?? '', socket, at, connection };
        if (!isAnswered) {
          heard.push(one);
          answer(one);
        }
        isAnswered = body === undefined;
        if (body === undefined) return;
        at += 1;
        pending = pending.slice(end + 4 + body.length);
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  return {
    host,
    port: (server.address() as AddressInfo).port,
    heard,
    open: () => sockets.size,
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** Answers every request with these bytes. */
export const always =
  (bytes: string) =>
  ({ socket }: Heard): void => {
    socket.write(bytes, 'latin1');
  };

/** The values of a field in a head, as they were written. */
export function valuesOf(head: string, name: string): string[] {
  const wanted = `${name.toLowerCase()}:`;
  return head
    .split('\r\n')
    .slice(1)
    .filter((line) => line.toLowerCase().startsWith(wanted))
    .map((line) => line.slice(wanted.length).trim());
}
