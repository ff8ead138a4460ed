/**
 * Slow visitors of one instance, as a process of its own: `node slow-clients.ts <port> <host> <count>`. A third reads drop by drop, a third writes drop by drop, a
 * third follows streams; a third of them speaks HTTP/2. Who is sent away comes again. Says every second how many are connected, how many connections were
 * begun and ended, and how many were told that the instance is busy, as JSON lines.
 */
import { connect as connectPlain } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { block, flags, frame, frameTypes, preface, settings } from '../../../agent/edge/testing/frames.ts';

const [, , port = '0', host = '', count = '0'] = process.argv;
const kinds = ['read', 'write', 'stream'] as const;
type Kind = (typeof kinds)[number];
const open = new Set<TLSSocket>();
let begun = 0;
let refused = 0;
let ended = 0;
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

const nothing = Buffer.alloc(0);
/** The page that says that all places are taken: over HTTP/2 a HEADERS frame whose status is none of the static table's (RFC 7541, Appendix A: 503 is not). */
const isRefusal = (bytes: Buffer, isHttp2: boolean): boolean =>
  isHttp2 ? bytes[3] === frameTypes.headers && bytes[9] === 0x48 : bytes.subarray(0, 12).equals(Buffer.from('HTTP/1.1 503'));

/** Who wants in: a few handshakes at a time, or none is done within its time on a busy machine. */
const waiting: number[] = [];
let shaking = 0;
const mostShaking = 16;

function next(): void {
  const number = shaking < mostShaking ? waiting.shift() : undefined;
  if (number === undefined) return;
  shaking += 1;
  visit(number, () => {
    shaking -= 1;
    next();
  });
  next();
}

/** One visitor, who comes again when it was sent away; `done` is called once, when its handshake is over. */
function visit(number: number, done: () => void): void {
  const kind = kinds[number % kinds.length] ?? 'read';
  const isHttp2 = number % 9 < 3;
  // Some hundred addresses, as a crowd has them: all of 127.0.0.0/8 is this machine.
  const plain = connectPlain({ host: '127.0.0.1', port: Number(port), localAddress: `127.0.${1 + (number % 4)}.${1 + (number % 250)}` });
  const socket = connect({
    ...{ socket: plain, servername: host, rejectUnauthorized: false, ALPNProtocols: [isHttp2 ? 'h2' : 'http/1.1'] },
    ...(session === undefined ? {} : { session }),
  });
  let timer: NodeJS.Timeout | undefined;
  let isShaking = true;
  const shaken = (): void => {
    if (isShaking) done();
    isShaking = false;
  };
  plain.on('error', () => undefined);
  socket.on('error', () => undefined);
  socket.once('session', (ticket) => {
    session = ticket;
  });
  socket.on('secureConnect', () => {
    shaken();
    begun += 1;
    open.add(socket);
    socket.write(isHttp2 ? headHttp2(kind) : headHttp1[kind]);
    timer = setInterval(() => {
      if (kind === 'write') socket.write(isHttp2 ? frame(frameTypes.data, 0, 1, Buffer.alloc(100, 120)) : 'x'.repeat(100));
      else if (kind === 'read' && isRefusal((socket.read(100) as Buffer | null) ?? nothing, isHttp2)) refused += 1;
    }, 1000);
    if (kind !== 'read') socket.on('data', (bytes: Buffer) => (refused += isRefusal(bytes, isHttp2) ? 1 : 0));
  });
  socket.on('close', () => {
    clearInterval(timer);
    ended += open.delete(socket) ? 1 : 0;
    shaken();
    setTimeout(() => {
      waiting.push(number);
      next();
    }, 1000);
  });
}

for (let number = 0; number < Number(count); number += 1) waiting.push(number);
next();
setInterval(() => process.stdout.write(`${JSON.stringify({ open: open.size, begun, refused, ended })}\n`), 1000);
process.on('disconnect', () => process.exit(0));
