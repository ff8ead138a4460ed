/**
 * Slow visitors of one instance, as a process of its own: `node slow-clients.ts <port> <host> <count>`. A third reads drop by drop, a third writes drop by drop, a
 * third follows streams; a third of them speaks HTTP/2. Who is sent away comes again. Says every second how many are connected, as JSON lines.
 */
import { connect as connectPlain } from 'node:net';
import { setPriority } from 'node:os';
import { connect, type TLSSocket } from 'node:tls';
import { block, flags, frame, frameTypes, preface, settings } from '../../../agent/edge/testing/frames.ts';

// Who is slow is elsewhere in life, and takes no CPU of the edge's machine.
setPriority(15);
const [, , port = '0', host = '', count = '0'] = process.argv;
const kinds = ['read', 'write', 'stream'] as const;
type Kind = (typeof kinds)[number];
const open = new Set<TLSSocket>();
let begun = 0;
let session: Buffer | undefined;

const headHttp1: Readonly<Record<Kind, string>> = {
  read: `GET /large HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  write: `POST /upload HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\n`,
  stream: `GET /stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
};
const pathOf: Readonly<Record<Kind, string>> = { read: '/large', write: '/upload', stream: '/stream' };

function headHttp2(kind: Kind): Buffer {
  const method = kind === 'write' ? 'POST' : 'GET';
  const fields = block([
    [':method', method],
    [':scheme', 'https'],
    [':authority', host],
    [':path', pathOf[kind]],
  ]);
  const ends = kind === 'write' ? 0 : flags.endStream;
  return Buffer.concat([preface, settings(), frame(frameTypes.headers, flags.endHeaders | ends, 1, fields)]);
}

/** One visitor, for as long as this process lives. */
function visit(number: number): void {
  const kind = kinds[number % kinds.length] ?? 'read';
  const isHttp2 = number % 9 < 3;
  // Some hundred addresses, as a crowd has them: all of 127.0.0.0/8 is this machine.
  const plain = connectPlain({ host: '127.0.0.1', port: Number(port), localAddress: `127.0.${1 + (number % 4)}.${1 + (number % 250)}` });
  const socket = connect({
    ...{ socket: plain, servername: host, rejectUnauthorized: false, ALPNProtocols: [isHttp2 ? 'h2' : 'http/1.1'] },
    ...(session === undefined ? {} : { session }),
  });
  let timer: NodeJS.Timeout | undefined;
  plain.on('error', () => undefined);
  socket.on('error', () => undefined);
  socket.once('session', (ticket) => {
    session = ticket;
  });
  socket.on('secureConnect', () => {
    begun += 1;
    open.add(socket);
    socket.write(isHttp2 ? headHttp2(kind) : headHttp1[kind]);
    timer = setInterval(() => {
      if (kind === 'write') socket.write(isHttp2 ? frame(frameTypes.data, 0, 1, Buffer.alloc(100, 120)) : 'x'.repeat(100));
      else if (kind === 'read') socket.read(100);
    }, 1000);
    if (kind === 'stream') socket.resume();
    else if (kind === 'write') socket.resume();
  });
  socket.on('close', () => {
    clearInterval(timer);
    open.delete(socket);
    setTimeout(() => visit(number), 1000 + Math.random() * 2000);
  });
}

for (let number = 0; number < Number(count); number += 1) setTimeout(() => visit(number), number * 5);
setInterval(() => process.stdout.write(`${JSON.stringify({ open: open.size, begun })}\n`), 1000);
process.on('disconnect', () => process.exit(0));
