import { connect, type TLSSocket } from 'node:tls';
import { overHttp1, overHttp2, type Way } from './both-ways.ts';
import { createTestEdge, type TestEdge } from './create-test-edge.ts';
import { makeCertificate, type TestCertificate } from './make-certificate.ts';
import { type Heard, type ScriptedUpstream, startScripted } from './scripted-upstream.ts';
import { route } from './visitor.ts';

export const families = [
  { family: 'IPv4', address: '127.0.0.1' },
  { family: 'IPv6', address: '::1' },
] as const;

export const ways = ['HTTP/1.1', 'HTTP/2'] as const;
export type WayName = (typeof ways)[number];
export const host = 'anna.farm.localhost';

export type Scene = {
  readonly edge: TestEdge;
  readonly wildcard: TestCertificate;
  readonly address: string;
  readonly way: Readonly<Record<WayName, Way>>;
  /** A scripted upstream behind a host name of its own; closed with the scene. */
  readonly behind: (
    name: string,
    answer: (heard: Heard) => void,
    options?: Parameters<typeof startScripted>[1],
  ) => Promise<ScriptedUpstream>;
  readonly tls: (options?: { readonly alpn?: string[] }) => Promise<TLSSocket>;
  /** Raw bytes on a connection of their own; all that came until it closed or `waitMs` passed. */
  readonly raw: (bytes: string, waitMs?: number) => Promise<{ readonly text: string; readonly isOpen: boolean }>;
  readonly close: () => Promise<void>;
};

/** An edge, a certificate and both ways to it on one address family. */
export async function createScene(address: string, options: Parameters<typeof createTestEdge>[0] = {}): Promise<Scene> {
  const [edge, wildcard] = await Promise.all([createTestEdge({ ...options, host: address }), makeCertificate(['*.farm.localhost'])]);
  edge.context.certificates.put(wildcard);
  const ca = wildcard.certificate.chainPem;
  const to = { host: address, port: edge.httpsPort, name: host, ca };
  const way = { 'HTTP/1.1': overHttp1(to), 'HTTP/2': overHttp2(to) };
  const upstreams: ScriptedUpstream[] = [];
  const tls: Scene['tls'] = ({ alpn = ['http/1.1'] } = {}) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: address, port: edge.httpsPort, servername: host, ca, ALPNProtocols: alpn }, () => resolve(socket));
      socket.once('error', reject);
    });
  return {
    edge,
    wildcard,
    address,
    way,
    behind: async (name, answer, more = {}) => {
      const upstream = await startScripted(answer, { host: address, ...more });
      upstreams.push(upstream);
      edge.context.routes.put(route(name, upstream.port, { target: { host: address, port: upstream.port } }));
      return upstream;
    },
    tls,
    raw: async (bytes, waitMs = 1500) => {
      const socket = await tls();
      socket.on('error', () => undefined);
      return new Promise((resolve) => {
        let text = '';
        const timer = setTimeout(() => {
          resolve({ text, isOpen: true });
          socket.destroy();
        }, waitMs);
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
        });
        socket.on('close', () => {
          clearTimeout(timer);
          resolve({ text, isOpen: false });
        });
        socket.write(bytes, 'latin1');
      });
    },
    close: async () => {
      for (const one of Object.values(way)) one.close();
      edge.close();
      await Promise.all(upstreams.map((one) => one.close()));
    },
  };
}
