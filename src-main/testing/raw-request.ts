import { connect } from 'node:net';

export type RawAnswer = { readonly status: number; readonly head: string; readonly body: string };

/** For the first byte; a slow machine is not a silent server. */
const patienceMs = 10_000;

/** Sends exactly these bytes to a loopback port and reads until the other side closes, or until it has been silent for `silentMs` in the middle of its answer. */
export function rawRequest(port: number, text: string, silentMs = 400): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let answer = '';
    const finish = (): void => {
      socket.destroy();
      const end = answer.indexOf('\r\n\r\n');
      const head = end < 0 ? answer : answer.slice(0, end);
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: end < 0 ? '' : answer.slice(end + 4) });
    };
    socket.setEncoding('utf8');
    socket.setTimeout(patienceMs, finish);
    socket.on('data', (piece: string) => {
      answer += piece;
      socket.setTimeout(silentMs);
    });
    socket.once('end', finish);
    socket.once('error', (error) => (answer === '' ? reject(error) : finish()));
    socket.once('connect', () => socket.write(text));
  });
}

/** A request with these header lines; the connection is closed by the server afterwards. */
export function requestText(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const length: Readonly<Record<string, string>> = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ ...headers, ...length, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
