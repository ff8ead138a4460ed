import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inPieces, mutate, type Random } from './random.ts';

const answers = [
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: \xa0b\xe4 \r\n\r\ngood',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Nicht \xfc\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2;x="y"\r\ngo\r\n02\r\nod\r\n0\r\nX-Sum: 1\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n',
  'HTTP/1.0 200\nX-A : b\nX-F: a\n\tb\n\nuntil the end',
  'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\nSet-Cookie: a=b; Domain=farm.localhost; Path=/\r\nset-cookie: c=d\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05hello',
  'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 100\r\nKeep-Alive: timeout=5\r\nAlt-Svc: h3=":443"\r\n\r\n',
  `HTTP/1.1 200 OK\r\nContent-Length: 70000\r\nStrict-Transport-Security: max-age=1\r\n\r\n${'x'.repeat(70_000)}`,
].map((text) => Buffer.from(text, 'latin1'));
const well = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood');

export type MadUpstream = {
  readonly port: number;
  /** Makes the next answer of its own path, which it says. */
  readonly expect: (random: Random) => string;
  readonly close: () => void;
};

/** An application that answers `/well` well, and every path that it was told to expect with bytes that are nearly an answer, or none. */
export async function startMadUpstream(): Promise<MadUpstream> {
  const planned = new Map<string, { readonly pieces: readonly Buffer[]; readonly ends: boolean }>();
  let number = 0;
  const answer = (socket: Socket, path: string): void => {
    const plan = planned.get(path);
    planned.delete(path);
    if (plan === undefined) {
      socket.write(well);
      return;
    }
    const write = (at: number): void => {
      const piece = plan.pieces[at];
      if (socket.destroyed) return;
      if (piece === undefined) {
        if (plan.ends) socket.end();
        return;
      }
      socket.write(piece);
      setImmediate(() => write(at + 1));
    };
    write(0);
  };
  const server = createServer((socket) => {
    let pending = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const path = /^\S+ (\S+)/.exec(pending)?.[1] ?? '';
        pending = pending.slice(end + 4);
        answer(socket, path);
      }
      pending = pending.slice(-100_000);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    expect: (random) => {
      number += 1;
      const path = `/planned-${number}`;
      planned.set(path, { pieces: inPieces(mutate(random.pick(answers), random, answers), random), ends: random.chance(2) });
      return path;
    },
    close: () => void server.close(),
  };
}
