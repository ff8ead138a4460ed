/** Handshakes of TLS for so many milliseconds, eight at a time: `node handshakes.ts <port> full|resumed <ms>`; says how many as JSON. */
import { connect } from 'node:tls';

const [, , port = '0', kind = 'full', forMs = '1000'] = process.argv;
const servername = 'site1.farm.localhost';
let session: Buffer | undefined;
let count = 0;
let failed = 0;

/** One connection; the first of those that resume asks for something, because a ticket comes only with an answer. */
const shake = (isFirst: boolean): Promise<void> =>
  new Promise((resolve) => {
    // The proxies' certificates are the benchmark's own, and it is CPU that is looked at.
    const socket = connect(
      { host: '127.0.0.1', port: Number(port), servername, rejectUnauthorized: false, ...(session === undefined ? {} : { session }) },
      () => {
        if (isFirst) {
          socket.write(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`);
          return;
        }
        if (kind === 'resumed' && !socket.isSessionReused()) failed += 1;
        else count += 1;
        socket.end();
      },
    );
    socket.on('session', (ticket) => {
      if (isFirst) session = ticket;
    });
    socket.resume();
    socket.on('error', () => {
      failed += 1;
      resolve();
    });
    socket.on('close', () => resolve());
  });

if (kind === 'resumed') await shake(true);
const until = performance.now() + Number(forMs);
const work = async (): Promise<void> => {
  while (performance.now() < until) await shake(false);
};
await Promise.all(Array.from({ length: 8 }, work));
process.stdout.write(JSON.stringify({ count, failed }));
