import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Router } from '@orpc/server';
import { type WebSocket, WebSocketServer } from 'ws';
import { agentProtocol, agentSubprotocol, oldestAgentProtocol } from '#contract/agent/base.ts';
import type { AgentApi } from '#contract/agent/index.ts';
import { linkPath, pairingPath, pairingSubprotocol } from '#contract/agent/pairing.ts';
import { pairingChannel } from '#contract/agent/pairing-channel.ts';
import type { UpgradeRefusal } from '#contract/agent/upgrade-refusal.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { type ConnectionLimits, createConnectionLimits, linkLimits } from './connection-limits.ts';
import { createCoreConnections } from './core-connections.ts';
import { keyHashOf, makeSelfSigned } from './der.ts';
import { dialCore } from './dial-core.ts';
import { openLinkFiles } from './link-files.ts';
import { createPairingDesk } from './pairing-desk.ts';
import { corePeerOf } from './peer-certificate.ts';
import { createRepeats } from './repeats.ts';
import type { AgentIdentity, AgentLinkServer, CommandContext, CoreDial, LinkClock, LinkLog } from './types.ts';

export type AgentLinkOptions = {
  /** `<stateFolder>/link/` holds key, identity and code. */
  readonly stateFolder: string;
  /** Port 0: any. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly clock: LinkClock;
  readonly log: LinkLog;
  readonly agentVersion: string;
  readonly router: Router<AgentApi, CommandContext>;
  /** After every stored pairing. */
  readonly onJoined?: (identity: AgentIdentity) => void;
  /** After `link.leave` has been answered. */
  readonly onLeft?: (farmId: string) => void;
};

const patienceMs = 15_000;
/** Who is not known yet gets little: room for one conversation. */
const pairingBytes = 65_536;
/** Beyond what `linkLimits` let stand: those that are just being ended. */
const mostConnections = linkLimits.mostStrangers + linkLimits.mostPairings + linkLimits.mostCores + 32;
/** A piece of a payload is at most 1.5 MB of text. */
const commandBytes = 16_777_216;

/** Listens with the agent's own key: pairing for who has the code, commands for cores of its farm. Throws `PORT_TAKEN`, `HOME_HALF_WRITTEN`. */
export async function startAgentLink(options: AgentLinkOptions): Promise<AgentLinkServer> {
  const { clock, log, agentVersion, router, onJoined, onLeft } = options;
  const files = openLinkFiles(options.stateFolder);
  const keyPem = files.key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const context = () => ({ key: keyPem, cert: files.identity()?.chainPem ?? makeSelfSigned(files.key), minVersion: 'TLSv1.3' as const });
  const server = createServer({
    ...context(),
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: patienceMs,
    connectionsCheckingInterval: 5_000,
  });
  const safely = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      log.bug(error);
    }
  };
  const connections = createCoreConnections({
    files,
    clock,
    log,
    router,
    onForgotten: (farmId) => {
      server.setSecureContext(context());
      log.info('farm-left', { farmId });
      safely(() => onLeft?.(farmId));
    },
  });
  const desk = createPairingDesk({
    files,
    clock,
    agentVersion,
    onStored: (identity) => {
      server.setSecureContext(context());
      log.info('farm-joined', { farmId: identity.farmId, serverId: identity.serverId });
      safely(() => onJoined?.(identity));
    },
  });
  const repeats = createRepeats(log, clock);
  const limits = createConnectionLimits(clock, (address) => repeats('connections-ended', () => log.warn('connections-ended', { address })));
  server.on('connection', limits.take);
  serveUpgrades(server, limits, {
    link: (request, tls) => admit(request, tls, files.identity(), clock.nowMs()),
    serve: connections.serve,
    pair: async (socket, address) => {
      try {
        await desk.converse(pairingChannel(textSocket(socket), clock.after, patienceMs));
      } catch (error) {
        if (isFarmError(error)) repeats('pairing-refused', () => log.warn('pairing-refused', { code: error.code, address }));
        else repeats('pairing-failed', () => void log.bug(error, { during: 'pairing', address }));
      } finally {
        socket.close(1000);
        socket.once(
          'close',
          clock.after(2_000, () => socket.terminate()),
        );
      }
    },
  });
  const port = await listening(server, options.listen);
  const dials = new Set<CoreDial>();
  let closed: Promise<void> | undefined;
  return {
    port,
    keyFingerprint: keyHashOf(files.key).toString('hex'),
    identity: files.identity,
    newPairingCode: desk.newCode,
    pairingCode: desk.code,
    dialCore: (core) => {
      const dial = dialCore({ ...core, clock, log, identity: files.identity, keyPem, serve: connections.serve });
      dials.add(dial);
      return dial;
    },
    close: () => {
      for (const dial of dials) dial.close();
      closed ??= new Promise((resolve) => server.close(() => resolve()));
      connections.end();
      server.closeAllConnections();
      return closed;
    },
  };
}

type Admission = { readonly core: CommandContext['core'] } | { readonly refusal: UpgradeRefusal | undefined };

/** Who may speak the link: a core of our farm, by its certificate. Strangers learn nothing. */
function admit(request: IncomingMessage, tls: TLSSocket, identity: AgentIdentity | undefined, nowMs: number): Admission {
  if (!identity) return { refusal: undefined };
  const peer = corePeerOf(tls, identity, nowMs);
  if (peer.kind === 'stranger') return { refusal: undefined };
  if (peer.kind === 'clock') return { refusal: { code: 'CLOCK_OFF', parameters: { server: '', seconds: 0 }, nowMs } };
  if (peer.epoch < identity.highestEpoch) {
    return { refusal: { code: 'CORE_EPOCH_OLD', parameters: { seen: identity.highestEpoch, sent: peer.epoch } } };
  }
  if (!offers(request, agentSubprotocol)) return { refusal: otherProtocol };
  return { core: { farmId: identity.farmId, epoch: peer.epoch } };
}

const otherProtocol: UpgradeRefusal = {
  code: 'AGENT_TOO_OLD',
  parameters: { server: '', protocol: agentProtocol, needed: oldestAgentProtocol },
};

function offers(request: IncomingMessage, protocol: string): boolean {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === protocol);
}

type Paths = {
  readonly link: (request: IncomingMessage, tls: TLSSocket) => Admission;
  readonly serve: (socket: WebSocket, core: CommandContext['core']) => void;
  readonly pair: (socket: WebSocket, address: string) => Promise<void>;
};

function serveUpgrades(server: Server, limits: ConnectionLimits, paths: Paths): void {
  const common = { noServer: true, perMessageDeflate: false, clientTracking: false } as const;
  const linkSockets = new WebSocketServer({ ...common, maxPayload: commandBytes, handleProtocols: () => agentSubprotocol });
  const pairSockets = new WebSocketServer({ ...common, maxPayload: pairingBytes, handleProtocols: () => pairingSubprotocol });
  server.maxConnections = mostConnections;
  server.headersTimeout = patienceMs;
  server.requestTimeout = patienceMs;
  server.keepAliveTimeout = 1;
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('request', (_request, response) => {
    response.writeHead(404, { connection: 'close' }).end();
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (!(socket instanceof TLSSocket)) return socket.destroy();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    if (request.url === linkPath) {
      const admission = paths.link(request, socket);
      if ('refusal' in admission) return refuse(socket, admission.refusal);
      if (!limits.isCore(socket)) return refuse(socket, undefined, busy);
      return linkSockets.handleUpgrade(request, socket, head, (web) => paths.serve(web, admission.core));
    }
    if (request.url !== pairingPath) return refuse(socket, undefined);
    if (!offers(request, pairingSubprotocol)) return refuse(socket, otherProtocol);
    if (!limits.isPairing(socket)) return refuse(socket, undefined, busy);
    pairSockets.handleUpgrade(request, socket, head, (web) => {
      web.on('error', () => web.terminate());
      void paths.pair(web, socket.remoteAddress ?? '');
    });
  });
}

const busy = '503 Service Unavailable';

function refuse(socket: Duplex, refusal: UpgradeRefusal | undefined, status = '403 Forbidden'): void {
  const body = refusal ? JSON.stringify(refusal) : '';
  const head = [`HTTP/1.1 ${status}`, 'Connection: close', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function textSocket(socket: WebSocket): Parameters<typeof pairingChannel>[0] {
  return {
    send: (text, done) => socket.send(text, done),
    onText: (listener) => socket.on('message', (data, isBinary) => listener(isBinary ? '' : data.toString())),
    onEnd: (listener) => socket.on('close', listener),
    end: () => socket.terminate(),
  };
}

async function listening(server: Server, { host, port }: AgentLinkOptions['listen']): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new FarmError('PORT_TAKEN', { port, owner: '' }, { cause: error }));
      else if (error.code === 'EACCES') reject(new FarmError('NOT_PERMITTED_BY_OS', { what: `${host}:${port}` }, { cause: error }));
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}
