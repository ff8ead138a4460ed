import type { IncomingHttpHeaders } from 'node:http';
import { type RequestOptions, type Agent, request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { type TLSSocket, connect } from 'node:tls';
import type { EdgeRoute } from '#contract/agent/edge.ts';

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

export type Visit = {
  readonly port: number;
  readonly host: string;
  readonly ca: string;
  readonly path?: string;
  /** The name in the handshake, where it is not the host. */
  readonly serverName?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly agent?: Agent;
};

/** One request as a browser would make it, to a loopback port under the host's own name, with TLS really checked. */
export function visit({ port, host, ca, path = '/', serverName, method = 'GET', headers = {}, body, agent }: Visit): Promise<Answer> {
  const options: RequestOptions = {
    host: '127.0.0.1',
    port,
    path,
    method,
    ca,
    servername: serverName ?? host,
    headers: { host: `${host}:${port}`, ...headers },
    ...(agent === undefined ? { agent: false } : { agent }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Opens TLS and stays there, for bytes that no client library would send. */
export function openTls(port: number, serverName: string, ca: string, alpn: string[] = ['http/1.1']): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: serverName, ca, ALPNProtocols: alpn }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends raw bytes; resolves with all that came back when the other side closes, or with `open: true` when it has not after `waitMs`. */
export async function sendRaw(
  port: number,
  serverName: string,
  ca: string,
  text: string,
  waitMs = 3000,
): Promise<{ readonly text: string; readonly isOpen: boolean }> {
  const socket = await openTls(port, serverName, ca);
  return collect(socket, text, waitMs);
}

export function sendPlain(port: number, text: string, waitMs = 3000): Promise<{ readonly text: string; readonly isOpen: boolean }> {
  return collect(connectPlain(port, '127.0.0.1'), text, waitMs);
}

function collect(
  socket: TLSSocket | ReturnType<typeof connectPlain>,
  text: string,
  waitMs: number,
): Promise<{ readonly text: string; readonly isOpen: boolean }> {
  return new Promise((resolve) => {
    let got = '';
    const timer = setTimeout(() => {
      resolve({ text: got, isOpen: true });
      socket.destroy();
    }, waitMs);
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ text: got, isOpen: false });
    });
    socket.write(text, 'latin1');
  });
}

export function route(host: string, port: number, changes: Partial<EdgeRoute> = {}): EdgeRoute {
  return {
    host,
    instanceId: `instance-of-${host}`,
    target: { host: '127.0.0.1', port },
    state: 'running',
    language: 'en',
    providerName: 'Farm & Co',
    ...changes,
  };
}
