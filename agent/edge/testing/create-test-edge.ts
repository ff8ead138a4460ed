import { type AddressInfo, createServer, type Server } from 'node:net';
import { createCertificateTable } from '../certificate-table.ts';
import { edgeProof } from '../edge-check.ts';
import { createUploadShares, type EdgeContext } from '../edge-context.ts';
import { createEdgeListener, type EdgeListener } from '../edge-listener.ts';
import { Holds, usualHoldLimits } from '../holds.ts';
import { createPace } from '../pace.ts';
import { createRouteTable } from '../route-table.ts';
import { Traffic } from '../traffic.ts';
import { usualUpstreamLimits } from '../upstream/limits.ts';

export type TestEdge = {
  readonly context: EdgeContext;
  readonly listener: EdgeListener;
  readonly httpsPort: number;
  readonly httpPort: number;
  /** What the edge noted: event and fields. */
  readonly notes: { readonly event: string; readonly [field: string]: unknown }[];
  readonly close: () => void;
};

function listen(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once('error', reject);
    listener.listen({ host, port: 0, backlog: 4096 }, () => resolve(listener));
  });
}

/** The edge without its process: real sockets, real TLS, tables filled by the test. */
export async function createTestEdge({
  paceMs = 15_000,
  headMs = 15_000,
  holds = usualHoldLimits,
  host = '127.0.0.1',
  upstream = usualUpstreamLimits,
  uploads = 1024,
  connectionsPerVisitor = 4096,
} = {}): Promise<TestEdge> {
  const notes: TestEdge['notes'] = [];
  let listener: EdgeListener | undefined;
  const certificates = createCertificateTable(Date.now, (entry) => listener?.useByDefault(entry));
  // Nobody knows the ports yet: there is time to serve them later.
  const [https, http] = await Promise.all([listen(host), listen(host)]);
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const context: EdgeContext = {
    routes: createRouteTable(upstream),
    certificates,
    log: { write: (event, fields = {}) => notes.push({ event, ...fields }) },
    pages: { note: () => undefined },
    pace: createPace(paceMs),
    holds: new Holds({ limits: holds, ended: (instanceId, how, waiting) => notes.push({ event: 'hold-ended', instanceId, how, waiting }) }),
    traffic: new Traffic(),
    uploads: createUploadShares(uploads, upstream.slowAfterMs),
    counters: { requests: 0 },
    drain: { isOn: false },
    proof: () => edgeProof('test'),
    httpsPort: () => portOf(https),
    headMs,
    connections: 16_384,
    connectionsPerVisitor,
  };
  listener = createEdgeListener(context);
  listener.serve(https, 'https');
  listener.serve(http, 'http');
  return {
    context,
    listener,
    httpsPort: portOf(https),
    httpPort: portOf(http),
    notes,
    close: () => {
      https.close();
      http.close();
      context.pace.close();
      context.holds.close();
      for (const host of context.routes.hosts()) context.routes.remove(host);
    },
  };
}
