/** An application for slow visitors, as a process of its own: `/large` is 32 MiB, `/stream` says something every second, `/upload` takes it, all else is answered at once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const piece = Buffer.alloc(65_536, 7);
const server = createServer((request, response) => {
  if (request.url === '/large') {
    let left = 512;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  } else if (request.url === '/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write('data: tick\n\n'), 1000);
    response.on('close', () => clearInterval(timer));
  } else {
    request.resume();
    request.on('end', () => response.end('good'));
  }
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
