import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { EdgeStatus } from '#contract/agent/edge.ts';
import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import { createCertificateTable } from './certificate-table.ts';
import { edgeProof } from './edge-check.ts';
import { createUploadShares, type EdgeContext } from './edge-context.ts';
import { edgePaths, readRunning, writeWhole } from './edge-files.ts';
import { createEdgeLog } from './edge-log.ts';
import { createFileReader } from './file-reader.ts';
import { type Front, createFront } from './front.ts';
import { handOver, hearOld, receiveListeners } from './hand-over.ts';
import { createHoldDesk } from './hold-desk.ts';
import { Holds } from './holds.ts';
import { type Begin, createListeners, type ListenAddress } from './listeners.ts';
import { OlderEdges } from './older-edges.ts';
import { PageNotes } from './page-notes.ts';
import { createPace } from './pace.ts';
import type { PipeAnswer, PipeAsk } from './pipe-messages.ts';
import { servePipe } from './pipe-server.ts';
import { createRouteTable } from './route-table.ts';
import { Traffic } from './traffic.ts';

export type EdgeArguments = {
  readonly folder: string;
  readonly https: ListenAddress;
  readonly http: ListenAddress;
  readonly version: string;
  readonly bundlePath: string;
  readonly bundleSha256: string;
  readonly pipeSlot: 0 | 1;
  readonly isHandedOver: boolean;
};

const sortCertificatesMs = 600_000;

/**
 * Reads all files, listens or takes over, and serves until it is told to stop or has handed over and is empty. A socket that cannot be opened is
 * no reason to end: it is told in the status, and tried again.
 */
export async function startEdge(args: EdgeArguments, os: HostOs): Promise<void> {
  const paths = edgePaths(args.folder);
  const log = createEdgeLog(paths.log, Date.now);
  const startedAtMs = Date.now();
  const pages = new PageNotes({ path: paths.pages, nowMs: Date.now });
  process.on('exit', () => pages.flush());
  let front: Front | undefined;
  const token = randomBytes(24).toString('base64url');
  const certificates = createCertificateTable(Date.now, (entry) => front?.useByDefault(entry));
  const context: EdgeContext = {
    routes: createRouteTable(),
    certificates,
    log,
    pages,
    pace: createPace(),
    holds: new Holds({ ended: (instanceId, how, waiting) => log.write('hold-ended', { instanceId, how, waiting }) }),
    traffic: new Traffic(),
    uploads: createUploadShares(),
    counters: { requests: 0 },
    drain: { isOn: false },
    proof: edgeProof(token),
    httpsPort: () => listeners.describe('https').port,
  };
  let isAnnounced = false;
  const begin: Begin = (listener, kind) => front?.serve(listener, kind);
  const listeners = createListeners({
    addresses: { https: args.https, http: args.http },
    begin,
    changed: (kind, now) => {
      log.write(now.isListening ? 'listening' : 'not-listening', { kind, ...now });
      // A port that was left to the system is known only now.
      if (now.isListening && isAnnounced) announce();
    },
  });
  front = createFront(context);
  const files = createFileReader(args.folder, context);
  files.readAll();
  setInterval(certificates.sort, sortCertificatesMs).unref();

  const older = new OlderEdges((message) => {
    if (!args.isHandedOver || !process.connected) return false;
    process.send?.(message, () => undefined);
    return true;
  });
  if (args.isHandedOver)
    hearOld(
      (id, answer) => older.heard(id, answer),
      () => older.gone(),
    );
  const desk = createHoldDesk(context, older);
  let hasHandedOver = false;
  const identity: ProcessIdentity = os.identify(process.pid) ?? { processId: process.pid, startMark: '' };
  const taken = args.isHandedOver
    ? await receiveListeners((listener, kind) => {
        listeners.take(kind, listener);
        begin(listener, kind);
      })
    : undefined;
  for (const { instanceId, leaseMs, heldForMs } of taken?.holds ?? []) context.holds.hold(instanceId, leaseMs, undefined, heldForMs);
  await listeners.open();
  let draining = (taken?.draining ?? readRunning(paths)?.draining ?? []).filter((one) => os.isAlive(one));
  const pipe = os.pipePath(dirname(args.folder), `edge-${args.pipeSlot}`);

  const status = (): EdgeStatus => ({
    processId: process.pid,
    startedAtMs,
    version: args.version,
    bundleSha256: args.bundleSha256,
    httpsPort: listeners.describe('https').port,
    httpPort: listeners.describe('http').port,
    listeners: { https: listeners.describe('https'), http: listeners.describe('http') },
    routeCount: context.routes.count(),
    certificateCount: certificates.count(),
    openConnections: front?.openConnections() ?? 0,
    requestCount: context.counters.requests,
  });
  const sayToOld = (message: object): void => {
    // The old edge may be gone: then nobody needs to know.
    if (args.isHandedOver && process.connected) process.send?.(message, () => undefined);
  };
  const announce = (): void => {
    isAnnounced = true;
    draining = draining.filter((one) => os.isAlive(one));
    writeWhole(
      paths.running,
      JSON.stringify({
        ...identity,
        pipeSlot: args.pipeSlot,
        pipe,
        token,
        startedAtMs,
        version: args.version,
        bundlePath: args.bundlePath,
        bundleSha256: args.bundleSha256,
        httpsPort: listeners.describe('https').port,
        httpPort: listeners.describe('http').port,
        knows: ['hold', 'find'],
        draining,
      }),
    );
  };
  const upgrade = async (ask: Extract<PipeAsk, { act: 'upgrade' }>): Promise<void> => {
    listeners.pause();
    await handOver({
      runtime: ask.runtime,
      args: [...ask.flags, ask.bundlePath, ...argumentsFor(args, ask)],
      paths,
      listeners,
      draining: [identity, ...draining],
      onChange: (change) => {
        if (change.say === 'release') {
          desk.release(change.instanceId);
          return;
        }
        if (change.say === 'route') files.readRoute(change.host);
        else files.readCertificate(change.certificateId);
        sayToOld(change);
      },
      holds: () => context.holds.active(),
      onHold: ({ instanceId, leaseMs }) => desk.hold(instanceId, leaseMs, undefined),
    }).catch((error: unknown) => {
      // Whatever the new one had written, this one still serves.
      announce();
      void listeners.open();
      throw error;
    });
    hasHandedOver = true;
    pages.handOver();
    listeners.close();
    pipeServer.close();
    log.write('drain', { connections: front?.openConnections() ?? 0 });
    // The answer still goes out over the open pipe.
    setTimeout(() => front?.drain(() => process.exit(0)), 50);
  };
  const answer = async (ask: PipeAsk, end: object): Promise<Omit<PipeAnswer, 'id'>> => {
    switch (ask.act) {
      case 'status':
        return { status: status() };
      case 'route':
        files.readRoute(ask.host);
        sayToOld({ say: 'route', host: ask.host });
        return {};
      case 'certificate':
        files.readCertificate(ask.certificateId);
        sayToOld({ say: 'certificate', certificateId: ask.certificateId });
        return {};
      case 'upgrade':
        await upgrade(ask);
        return {};
      case 'stop':
        log.write('stop');
        setTimeout(() => process.exit(0), 20);
        return {};
      case 'hold':
        return { hold: await desk.hold(ask.instanceId, ask.leaseMs, end) };
      case 'release':
        desk.release(ask.instanceId);
        return {};
      case 'find': {
        const page = pages.find(ask.reference);
        return page === undefined ? {} : { page };
      }
    }
  };
  // Once it has handed over the agent is at the next edge's pipe, and this one hears of it from there, lease by lease.
  const onGone = (end: object): void => {
    if (!hasHandedOver) context.holds.releaseOf(end);
  };
  const pipeServer = await servePipe(pipe, token, { answer, onGone });
  announce();
  log.write('serving', { https: listeners.describe('https'), http: listeners.describe('http'), isHandedOver: args.isHandedOver });
  if (!args.isHandedOver) return;
  // Between our reading and now a file may have changed, and only the old edge was told.
  files.readAll();
  process.send?.({ say: 'serving' });
  process.channel?.unref();
}

function argumentsFor(args: EdgeArguments, ask: Extract<PipeAsk, { act: 'upgrade' }>): string[] {
  const slot = args.pipeSlot === 0 ? '1' : '0';
  const address = ({ host, port }: EdgeArguments['https']): string => `${host}:${port}`;
  return [
    ...['--folder', args.folder, '--https', address(args.https), '--http', address(args.http)],
    ...['--version', ask.version, '--sha256', ask.bundleSha256, '--pipe-slot', slot, '--hand-over'],
  ];
}
