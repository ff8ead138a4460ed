import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';

const [host, port, folder] = process.argv.slice(2);
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.txt': 'text/plain; charset=utf-8',
};

/** A file below the folder, or undefined: nothing above it, and nothing that a link leads to. */
function find(path) {
  try {
    const root = realpathSync(folder);
    const wanted = join(root, decodeURIComponent(path));
    const file = realpathSync(wanted.endsWith(sep) ? join(wanted, 'index.html') : wanted);
    const stat = statSync(file);
    return file.startsWith(root + sep) && stat.isFile() ? { file, sizeBytes: stat.size } : undefined;
  } catch {
    return undefined;
  }
}

const server = createServer((request, response) => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405, { allow: 'GET, HEAD' }).end();
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path === '/.well-known/self-check') {
    const canRead = find('/') !== undefined;
    return response.writeHead(canRead ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ canRead }));
  }
  const found = find(path);
  if (found === undefined) return response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404\n');
  const type = types[extname(found.file).toLowerCase()] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-length': found.sizeBytes, 'x-content-type-options': 'nosniff' });
  if (request.method === 'HEAD') return response.end();
  createReadStream(found.file).on('error', () => response.destroy()).pipe(response);
});
server.listen(Number(port), host, () => console.log(`listening on ${host}:${port}`));
for (const name of ['SIGTERM', 'SIGINT']) {
  process.once(name, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
