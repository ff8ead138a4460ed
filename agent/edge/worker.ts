import { type Server, Server as NetServer, Socket } from 'node:net';
import type { BoundSocket } from '#kit/node/bound-socket.ts';
import { createCertificateTable } from './certificate-table.ts';
import { createUploadShares, type EdgeContext } from './edge-context.ts';
import { type EdgeLog, limitLines } from './edge-log.ts';
import { proofWith } from './edge-check.ts';
import { createFileReader, type FileReader } from './file-reader.ts';
import { createEdgeListener, type EdgeListener } from './edge-listener.ts';
import { Holds } from './holds.ts';
import type { ListenerKind } from './listeners.ts';
import { createPace } from './pace.ts';
import { createRouteTable } from './route-table.ts';
import { Traffic } from './traffic.ts';
import { boundsOf } from './worker-bounds.ts';
import { type FromWorker, toWorker, type WorkerAnswer, type WorkerAsk } from './worker-messages.ts';

const sortCertificatesMs = 600_000;
const backlog = 4096;
const mostPagesPerSecond = 500;
/** Without the main process nobody tells it of changes any more: what it has begun may end, for so long. */
const orphanMs = 5000;

export type WorkerOptions = {
  /** Where its files are: `routes` and `certificates`. It only reads. */
  readonly folder: string;
  readonly log: EdgeLog;
  readonly say: (message: FromWorker) => void;
  /** Its last connection is gone, and it shall take no more. */
  readonly end: () => void;
};

type Serving = { readonly context: EdgeContext; readonly edgeListener: EdgeListener; readonly files: FileReader };
type Ask<Act extends WorkerAsk['act']> = Extract<WorkerAsk, { act: Act }>;

/** What parses strangers' bytes: TLS, HTTP, upstreams, by tables that it reads from files. It knows nothing but those files and what it is asked. */
export class EdgeWorker {
  readonly #options: WorkerOptions;
  readonly #listeners = new Map<ListenerKind, Server>();
  #serving: Serving | undefined;
  #httpsPort = 0;
  /** When the main process said something last: it asks every three seconds. */
  #heardMs = performance.now();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Takes what came from the main process, with the socket that came with it. */
  heard(message: unknown, socket: unknown): void {
    const { id, ask } = toWorker.parse(message);
    this.#heardMs = performance.now();
    this.#answer(ask, socket as BoundSocket | undefined)
      .catch((error: unknown) => {
        this.#options.log.write('worker-could-not', { act: ask.act, message: String(error) });
        return { problem: String(error).slice(0, 100) };
      })
      .then((answer) => this.#options.say({ say: 'answer', id, ...answer }))
      .catch(() => undefined);
  }

  /** The main process is gone: another edge needs the ports, and this one is told nothing any more. */
  orphaned(): void {
    if (this.#serving === undefined) {
      this.#options.end();
      return;
    }
    this.#drain();
    setTimeout(this.#options.end, orphanMs);
  }

  async #answer(ask: WorkerAsk, socket: BoundSocket | undefined): Promise<WorkerAnswer> {
    if (ask.act === 'begin') {
      this.#begin(ask);
      return {};
    }
    const serving = this.#serving;
    if (serving === undefined) throw new Error(`asked before it began: ${ask.act}`);
    const { context, files, edgeListener } = serving;
    switch (ask.act) {
      case 'listen':
        return { problem: await this.#listen(edgeListener, ask.kind, socket) };
      case 'close':
        this.#close(ask.kind);
        return {};
      case 'connection':
        if (socket !== undefined) edgeListener.accept(new Socket({ handle: socket, readable: true, writable: true } as object), ask.kind);
        return {};
      case 'port':
        this.#httpsPort = ask.httpsPort;
        return {};
      case 'route':
        files.readRoute(ask.host);
        return {};
      case 'certificate':
        files.readCertificate(ask.certificateId);
        return {};
      case 'read-all':
        files.readAll();
        return {};
      case 'hold':
        return { hold: hold(context, ask) };
      case 'release':
        context.holds.release(ask.instanceId, ask.how);
        return {};
      case 'count':
        return { counts: { ...counts(context), connections: edgeListener.openConnections() } };
      case 'drain':
        this.#drain();
        return {};
    }
  }

  #begin({ proof, share, ticketKeys, httpsPort, holds }: Ask<'begin'>): void {
    const { log, folder, say } = this.#options;
    const bounds = boundsOf(share);
    let edgeListener: EdgeListener | undefined;
    this.#httpsPort = httpsPort;
    const context: EdgeContext = {
      routes: createRouteTable(bounds.upstream),
      certificates: createCertificateTable(Date.now, (entry) => edgeListener?.useByDefault(entry)),
      log,
      pages: pagesTo(say),
      pace: createPace(),
      holds: new Holds({
        limits: bounds.holds,
        ended: (instanceId, how, waiting) => log.write('hold-ended', { instanceId, how, waiting }),
      }),
      traffic: new Traffic(),
      uploads: createUploadShares(bounds.uploads),
      counters: { requests: 0 },
      drain: { isOn: false },
      proof: () => proofWith(proof, performance.now() - this.#heardMs),
      httpsPort: () => this.#httpsPort,
      connections: bounds.connections,
      connectionsPerVisitor: bounds.connectionsPerVisitor,
      ticketKeys: Buffer.from(ticketKeys, 'base64'),
    };
    edgeListener = createEdgeListener(context);
    const files = createFileReader(folder, context);
    files.readAll();
    setInterval(context.certificates.sort, sortCertificatesMs).unref();
    for (const { instanceId, leaseMs, ...more } of holds) context.holds.hold(instanceId, leaseMs, undefined, more);
    this.#serving = { context, edgeListener, files };
  }

  /** Answers with the system's code, or with nothing when it listens. */
  #listen(edgeListener: EdgeListener, kind: ListenerKind, socket: BoundSocket | undefined): Promise<string> {
    return new Promise((resolve) => {
      const listener = new NetServer();
      const fail = (error: NodeJS.ErrnoException): void => resolve(error.code ?? String(error).slice(0, 100));
      listener.once('error', fail);
      // In the turn in which it begins to listen somebody must mind what comes.
      edgeListener.serve(listener, kind);
      listener.listen(socket, backlog, () => {
        listener.off('error', fail);
        resolve('');
      });
      this.#listeners.set(kind, listener);
    });
  }

  #close(kind: ListenerKind): void {
    this.#listeners.get(kind)?.close();
    this.#listeners.delete(kind);
  }

  #drain(): void {
    for (const kind of ['https', 'http'] as const) this.#close(kind);
    this.#serving?.edgeListener.drain(this.#options.end);
  }
}

/** A flood of pages of hosts that nobody has takes no room from those of instances, and neither takes much. */
function pagesTo(say: WorkerOptions['say']): EdgeContext['pages'] {
  const isRoom = { nobody: limitLines(Date.now, mostPagesPerSecond), instance: limitLines(Date.now, mostPagesPerSecond) };
  return {
    note: (page) => {
      if (isRoom[page.instanceId === undefined ? 'nobody' : 'instance']()) say({ say: 'page', page });
    },
  };
}

function hold({ holds, traffic }: EdgeContext, { instanceId, leaseMs, ...more }: Ask<'hold'>): NonNullable<WorkerAnswer['hold']> {
  const isHeld = holds.hold(instanceId, leaseMs, undefined, more);
  const { sinceWriteMs, ...underWay } = traffic.count(instanceId);
  return { isHeld, waiting: holds.waiting(instanceId), ...underWay, ...(sinceWriteMs === undefined ? {} : { sinceWriteMs }) };
}

const counts = ({ counters, routes, certificates }: EdgeContext) => ({
  requests: counters.requests,
  routes: routes.count(),
  certificates: certificates.count(),
});
