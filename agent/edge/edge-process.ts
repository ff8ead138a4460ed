import { randomBytes } from 'node:crypto';
import { dirname, relative } from 'node:path';
import type { EdgeStatus } from '#contract/agent/edge.ts';
import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import { portOf } from '#kit/node/bound-socket.ts';
import { edgeProof } from './edge-check.ts';
import { edgePaths, readRunning, writeWhole } from './edge-files.ts';
import { prepareEdgeFolder, readWorkerCount } from './edge-folder.ts';
import { createEdgeLog } from './edge-log.ts';
import { handOver, hearOld, receiveListeners } from './hand-over.ts';
import { createHoldDesk } from './hold-desk.ts';
import { Holds } from './holds.ts';
import { createListeners, type ListenAddress } from './listeners.ts';
import { OlderEdges } from './older-edges.ts';
import { PageNotes } from './page-notes.ts';
import type { PipeAnswer, PipeAsk } from './pipe-messages.ts';
import { servePipe } from './pipe-server.ts';
import { workerProcesses } from './worker-process.ts';
import { Workers } from './workers.ts';

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

const countMs = 1000;

/**
 * The main process of an edge: it opens the sockets or takes them over, keeps workers that serve, and answers the pipe until it is told to stop or has
 * handed over and all is empty. It reads nothing that a visitor sends. A socket that cannot be opened is no reason to end: it is told in the status,
 * and tried again.
 */
export async function startEdge(args: EdgeArguments, os: HostOs): Promise<void> {
  const paths = edgePaths(args.folder);
  const log = createEdgeLog(paths.log, Date.now);
  const startedAtMs = Date.now();
  const pages = new PageNotes({ path: paths.pages, nowMs: Date.now });
  process.on('exit', () => pages.flush());
  const token = randomBytes(24).toString('base64url');
  const user = prepareEdgeFolder(os, paths);
  const confinement = os.confine?.(isOutOfReach(os, args) ? undefined : user);
  const ledger = new Holds({
    // The workers tell time themselves.
    ended: (instanceId, how) => how === 'owner-gone' && void workers.ask({ act: 'release', instanceId, how }),
  });
  const ticketKeys = randomBytes(48).toString('base64');
  const httpsPort = (): number => listeners.describe('https').port;
  let isAnnounced = false;
  const count = confinement === undefined ? 1 : readWorkerCount(paths);
  const workers = new Workers({
    start:
      confinement === undefined
        ? // Only such a process needs to know how to serve.
          (await import('./worker-here.ts')).workerHere(args.folder, log)
        : workerProcesses({
            runtime: process.execPath,
            flags: process.execArgv,
            script: args.bundlePath,
            folder: args.folder,
            confinement,
          }),
    count,
    begin: () => ({ act: 'begin', proof: edgeProof(token), share: count, ticketKeys, httpsPort: httpsPort(), holds: ledger.active() }),
    log,
    shown: (page) => pages.note(page),
    changed: () => {
      if (isAnnounced) announce();
    },
  });
  const listeners = createListeners({
    addresses: { https: args.https, http: args.http },
    begin: (socket, kind) => {
      if (kind === 'https') void workers.ask({ act: 'port', httpsPort: portOf(socket) });
      return workers.listen(kind, socket);
    },
    give: (kind) => workers.unlisten(kind),
    changed: (kind, now) => {
      log.write(now.isListening ? 'listening' : 'not-listening', { kind, ...now });
      // A port that was left to the system is known only now.
      if (now.isListening && isAnnounced) announce();
    },
  });
  workers.begin();

  const sayToOld = (message: object): boolean => {
    // The old edge may be gone: then nobody needs to know.
    if (!args.isHandedOver || !process.connected) return false;
    process.send?.(message, undefined, {}, () => undefined);
    return true;
  };
  const older = new OlderEdges(sayToOld);
  if (args.isHandedOver)
    hearOld(
      (id, answer) => older.heard(id, answer),
      () => older.gone(),
    );
  const desk = createHoldDesk(ledger, workers, older);
  let hasHandedOver = false;
  const identity: ProcessIdentity = os.identify(process.pid) ?? { processId: process.pid, startMark: '' };
  // What was taken over listens already.
  const begun: Promise<unknown>[] = [workers.up];
  const taken = args.isHandedOver
    ? await receiveListeners(
        (socket, kind) => {
          listeners.take(kind, socket);
          if (kind === 'https') void workers.ask({ act: 'port', httpsPort: portOf(socket) });
          begun.push(workers.listen(kind, socket));
        },
        (connection, kind) => workers.pass(kind, connection),
      )
    : undefined;
  for (const { instanceId, leaseMs, ...more } of taken?.holds ?? []) {
    ledger.hold(instanceId, leaseMs, undefined, more);
    void workers.ask({ act: 'hold', instanceId, leaseMs, ...more });
  }
  await Promise.all([...begun, listeners.open()]);
  let draining = (taken?.draining ?? readRunning(paths)?.draining ?? []).filter((one) => os.isAlive(one));
  const pipe = os.pipePath(dirname(args.folder), `edge-${args.pipeSlot}`);

  const status = async (): Promise<EdgeStatus> => {
    const { requests, connections, routes, certificates } = await workers.counts(countMs);
    return {
      processId: process.pid,
      startedAtMs,
      version: args.version,
      bundleSha256: args.bundleSha256,
      httpsPort: httpsPort(),
      httpPort: listeners.describe('http').port,
      listeners: { https: listeners.describe('https'), http: listeners.describe('http') },
      routeCount: routes,
      certificateCount: certificates,
      openConnections: connections,
      requestCount: requests,
      workers: { ...workers.size, confinement: confinement?.state ?? 'none', ...(user === undefined ? {} : { userId: user.userId }) },
    };
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
        httpsPort: httpsPort(),
        httpPort: listeners.describe('http').port,
        knows: ['hold', 'find', 'hold-only'],
        draining,
        workers: workers.processIds.flatMap((processId) => os.identify(processId) ?? []),
      }),
    );
  };
  const upgrade = async (ask: Extract<PipeAsk, { act: 'upgrade' }>): Promise<void> => {
    listeners.pause();
    // From here on the new one may say who runs.
    isAnnounced = false;
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
        const { say: act } = change;
        void workers.ask(act === 'route' ? { act, host: change.host } : { act, certificateId: change.certificateId });
        sayToOld(change);
      },
      holds: () => ledger.active(),
      onHold: (asked) => desk.hold(asked, undefined),
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
    log.write('drain', { connections: (await workers.counts(countMs)).connections });
    // The answer still goes out over the open pipe.
    setTimeout(() => workers.drain(() => process.exit(0)), 50);
  };
  const answer = async (ask: PipeAsk, end: object): Promise<Omit<PipeAnswer, 'id'>> => {
    switch (ask.act) {
      case 'status':
        return { status: await status() };
      case 'route':
        sayToOld({ say: 'route', host: ask.host });
        await workers.ask(ask);
        return {};
      case 'certificate':
        sayToOld({ say: 'certificate', certificateId: ask.certificateId });
        await workers.ask(ask);
        return {};
      case 'upgrade':
        await upgrade(ask);
        return {};
      case 'stop':
        log.write('stop');
        workers.end();
        setTimeout(() => process.exit(0), 20);
        return {};
      case 'hold':
        return { hold: await desk.hold(ask, end) };
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
    if (!hasHandedOver) ledger.releaseOf(end);
  };
  const pipeServer = await servePipe(pipe, token, { answer, onGone });
  announce();
  log.write('serving', { https: listeners.describe('https'), http: listeners.describe('http'), isHandedOver: args.isHandedOver });
  if (!args.isHandedOver) return;
  // Between a worker's reading and now a file may have changed, and only the old edge was told.
  await workers.ask({ act: 'read-all' });
  process.send?.({ say: 'serving' });
  process.channel?.unref();
}

/** Sources in a folder that other users may not pass; every bundle lies in the edge's own folder. */
function isOutOfReach(os: HostOs, { folder, bundlePath }: EdgeArguments): boolean {
  return relative(folder, bundlePath).startsWith('..') && os.isolation([dirname(bundlePath)]).state !== 'own';
}

function argumentsFor(args: EdgeArguments, ask: Extract<PipeAsk, { act: 'upgrade' }>): string[] {
  const slot = args.pipeSlot === 0 ? '1' : '0';
  const address = ({ host, port }: EdgeArguments['https']): string => `${host}:${port}`;
  return [
    ...['--folder', args.folder, '--https', address(args.https), '--http', address(args.http)],
    ...['--version', ask.version, '--sha256', ask.bundleSha256, '--pipe-slot', slot, '--hand-over'],
  ];
}
