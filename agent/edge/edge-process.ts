import { randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { dirname } from 'node:path';
import type { EdgeStatus } from '#contract/agent/edge.ts';
import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import { createCertificateTable } from './certificate-table.ts';
import type { EdgeContext } from './edge-context.ts';
import { edgePaths, readRunning, writeWhole } from './edge-files.ts';
import { createEdgeLog } from './edge-log.ts';
import { createFileReader } from './file-reader.ts';
import { type Front, createFront, listen } from './front.ts';
import { handOver, receiveListeners } from './hand-over.ts';
import { createPace } from './pace.ts';
import type { PipeAnswer, PipeAsk } from './pipe-messages.ts';
import { servePipe } from './pipe-server.ts';
import { createRouteTable } from './route-table.ts';

export type EdgeArguments = {
  readonly folder: string;
  readonly https: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  readonly version: string;
  readonly bundlePath: string;
  readonly bundleSha256: string;
  readonly pipeSlot: 0 | 1;
  readonly isHandedOver: boolean;
};

type Listeners = Readonly<Record<'https' | 'http', Server>>;
/** Called in the very turn in which a socket begins to listen: a connection that comes before somebody minds it would never be answered. */
type Begin = (listener: Server, kind: 'https' | 'http') => void;

const sortCertificatesMs = 600_000;
const portOf = (server: Server): number => (server.address() as AddressInfo | null)?.port ?? 0;

/** Why the edge could not begin, as the agent reads it from `failed.json`. */
export class ListenError extends Error {
  readonly code: string;
  readonly port: number;
  constructor(code: string, port: number) {
    super(`${code} ${port}`);
    this.code = code;
    this.port = port;
  }
}

async function listenOn(args: EdgeArguments, kind: 'https' | 'http', begin: Begin): Promise<Server> {
  const address = args[kind];
  try {
    return await listen(address.host, address.port, (listener) => begin(listener, kind));
  } catch (error) {
    throw new ListenError(error instanceof Error && 'code' in error ? String(error.code) : String(error), address.port);
  }
}

/** Reads all files, listens or takes over, and serves until it is told to stop or has handed over and is empty. */
export async function startEdge(args: EdgeArguments, os: HostOs): Promise<void> {
  const paths = edgePaths(args.folder);
  const log = createEdgeLog(paths.log, Date.now);
  const startedAtMs = Date.now();
  let front: Front | undefined;
  const begun: Partial<Record<'https' | 'http', Server>> = {};
  const certificates = createCertificateTable(Date.now, (entry) => front?.useByDefault(entry));
  const context: EdgeContext = {
    routes: createRouteTable(),
    certificates,
    log,
    pace: createPace(),
    counters: { requests: 0 },
    drain: { isOn: false },
    httpsPort: () => (begun.https === undefined ? args.https.port : portOf(begun.https)),
  };
  const doors = createFront(context);
  front = doors;
  const files = createFileReader(args.folder, context);
  files.readAll();
  setInterval(certificates.sort, sortCertificatesMs).unref();

  const identity: ProcessIdentity = os.identify(process.pid) ?? { processId: process.pid, startMark: '' };
  const begin: Begin = (listener, kind) => {
    begun[kind] = listener;
    doors.serve(listener, kind);
  };
  const taken = args.isHandedOver ? await receiveListeners(begin) : undefined;
  const held = taken?.listeners ?? (await listenBoth(args, begin));
  const { https, http } = held;
  let draining = (taken?.draining ?? readRunning(paths)?.draining ?? []).filter((one) => os.isAlive(one));
  const token = randomBytes(24).toString('base64url');
  const pipe = os.pipePath(dirname(args.folder), `edge-${args.pipeSlot}`);

  const status = (): EdgeStatus => ({
    processId: process.pid,
    startedAtMs,
    version: args.version,
    bundleSha256: args.bundleSha256,
    httpsPort: portOf(https),
    httpPort: portOf(http),
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
        httpsPort: portOf(https),
        httpPort: portOf(http),
        draining,
      }),
    );
  };
  const upgrade = async (ask: Extract<PipeAsk, { act: 'upgrade' }>): Promise<void> => {
    await handOver({
      runtime: ask.runtime,
      args: [...ask.flags, ask.bundlePath, ...argumentsFor(args, ask)],
      paths,
      listeners: held,
      draining: [identity, ...draining],
      onChange: (change) => {
        if (change.say === 'route') files.readRoute(change.host);
        else files.readCertificate(change.certificateId);
        sayToOld(change);
      },
    }).catch((error: unknown) => {
      // Whatever the new one had written, this one still serves.
      announce();
      throw error;
    });
    for (const listener of [https, http, pipeServer]) listener.close();
    log.write('drain', { connections: front?.openConnections() ?? 0 });
    // The answer still goes out over the open pipe.
    setTimeout(() => front?.drain(() => process.exit(0)), 50);
  };
  const answer = async (ask: PipeAsk): Promise<Omit<PipeAnswer, 'id'>> => {
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
    }
  };
  const pipeServer = await servePipe(pipe, token, answer);
  announce();
  log.write('serving', { httpsPort: portOf(https), httpPort: portOf(http), isHandedOver: args.isHandedOver });
  if (!args.isHandedOver) return;
  // Between our reading and now a file may have changed, and only the old edge was told.
  files.readAll();
  process.send?.({ say: 'serving' });
  process.channel?.unref();
}

async function listenBoth(args: EdgeArguments, begin: Begin): Promise<Listeners> {
  const https = await listenOn(args, 'https', begin);
  try {
    return { https, http: await listenOn(args, 'http', begin) };
  } catch (error) {
    https.close();
    throw error;
  }
}

function argumentsFor(args: EdgeArguments, ask: Extract<PipeAsk, { act: 'upgrade' }>): string[] {
  const slot = args.pipeSlot === 0 ? '1' : '0';
  const address = ({ host, port }: EdgeArguments['https']): string => `${host}:${port}`;
  return [
    ...['--folder', args.folder, '--https', address(args.https), '--http', address(args.http)],
    ...['--version', ask.version, '--sha256', ask.bundleSha256, '--pipe-slot', slot, '--hand-over'],
  ];
}
