import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { flags, FrameReader, frame, frameTypes, preface, settings, uint32 } from './frames.ts';
import type { createTestEdge } from './create-test-edge.ts';
import type { TestCertificate } from './make-certificate.ts';

/** A server that is wrong on purpose, and what it heard of each row: a table whose rows it passes tests nothing. */
export type BrokenServer = { readonly port: number; readonly heard: string[]; readonly close: () => void };

type Speak = (socket: TLSSocket, hear: (text: string) => void) => void;

const asText = (payload: Buffer): string => payload.toString('latin1');
/** `:status: 200` of the static table (RFC 7541, Appendix A). */
const good = (streamId: number): Buffer =>
  Buffer.concat([
    frame(frameTypes.headers, flags.endHeaders, streamId, Buffer.from([0x88])),
    frame(frameTypes.data, flags.endStream, streamId, Buffer.from('good')),
  ]);

/** Finds nothing wrong with anything: each head is a request, answered at once, whatever its stream, its fields and windows. */
const believing: Speak = (socket, hear) => {
  const reader = new FrameReader();
  let isBegun = false;
  socket.write(settings());
  socket.on('data', (bytes: Buffer) => {
    const rest = isBegun || !bytes.includes('SM\r\n') ? bytes : bytes.subarray(Math.min(bytes.length, preface.length));
    isBegun = true;
    if (asText(bytes).startsWith('GET ')) hear(asText(bytes));
    for (const { type, flags: bits, streamId, payload } of reader.feed(rest)) {
      if (type === frameTypes.ping && (bits & flags.ack) === 0) socket.write(frame(frameTypes.ping, flags.ack, 0, payload));
      if (type === frameTypes.headers || type === frameTypes.continuation || type === frameTypes.data || type === frameTypes.pushPromise) {
        hear(asText(payload));
        socket.write(good(streamId));
      }
    }
  });
};

/** Finds everything wrong: an error of the connection for whatever comes behind the preface. */
const refusing: Speak = (socket) => {
  socket.write(settings());
  socket.once('data', () => socket.end(frame(frameTypes.goaway, 0, 0, uint32(0, 1))));
};

/** Takes everything and says nothing. */
const silent: Speak = (socket) => {
  socket.resume();
};

/** HTTP/1.1 as a pipe would: every head in the bytes is a request, and answered. */
const believing1: Speak = (socket, hear) => {
  socket.on('data', (bytes: Buffer) => {
    for (const head of asText(bytes).split(/(?=[A-Z]+ \S+ HTTP\/)/)) {
      hear(head);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood');
    }
  });
};

const refusing1: Speak = (socket) => {
  socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'));
};

export const brokenSpeakers = {
  'HTTP/2': { believing, refusing, silent },
  'HTTP/1.1': { believing: believing1, refusing: refusing1, silent },
} as const;

/** One of them on a free port of loopback; takes any TLS. */
export async function startBroken(speak: Speak, { certificate, keyPem }: TestCertificate): Promise<BrokenServer> {
  const heard: string[] = [];
  const server = createServer(
    { cert: certificate.chainPem, key: keyPem, ALPNProtocols: ['h2', 'http/1.1'], minVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
    (socket) => {
      socket.on('error', () => undefined);
      speak(socket, (text) => heard.push(text));
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as AddressInfo).port, heard, close: () => server.close() };
}

/** One check of this edge that is off: the text of a file, and what stands there instead. */
export type Plant = { readonly name: string; readonly file: string; readonly from: string; readonly to: string };

const edgeFolder = fileURLToPath(new URL('../', import.meta.url));

/** This edge with a check off. Throws when the text is not there any more: a plant that changes nothing plants nothing. */
export async function plantedEdge({
  file,
  from,
  to,
}: Plant): Promise<{ readonly createTestEdge: typeof createTestEdge; readonly remove: () => void }> {
  const path = join(edgeFolder, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  const folder = mkdtempSync(join(tmpdir(), 'farm-planted-'));
  const outfile = join(folder, 'edge.mjs');
  await build({
    ...{
      entryPoints: [join(edgeFolder, 'testing/create-test-edge.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      logLevel: 'error',
    },
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
    plugins: [
      {
        name: 'plant',
        setup: (bundle) =>
          bundle.onLoad({ filter: new RegExp(`${file.replaceAll(/[/.]/g, '[$&]')}$`) }, ({ path: loaded }) =>
            loaded === path ? { contents: text.replace(from, to), loader: 'ts' } : null,
          ),
      },
    ],
  });
  const made = (await import(pathToFileURL(outfile).href)) as { createTestEdge: typeof createTestEdge };
  return { createTestEdge: made.createTestEdge, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
