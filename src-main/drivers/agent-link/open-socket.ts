import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import { upgradeRefusal } from '#contract/agent/upgrade-refusal.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { splitAddress } from './address.ts';
import { causeOf, type Names, unreachable, withNames } from './causes.ts';

const patienceMs = 10_000;
const commandBytes = 16_777_216;
const refusalBytes = 4_096;

export type SocketRequest = {
  readonly clock: Clock;
  readonly names: Names;
  /** The core's certificate and key; none while pairing. */
  readonly own?: { readonly cert: string; readonly key: string };
  /** Throws when it is not who we look for. Nothing has been sent by then, and nothing will be. */
  readonly check: (certificate: X509Certificate) => void;
  readonly path: string;
  readonly subprotocol: string;
  /** Ends the attempt at once. */
  readonly signal?: AbortSignal;
};

/**
 * TLS 1.3 to the agent, the check of its key, and only then the WebSocket. Throws `SERVER_UNREACHABLE` with its cause, what `check` throws, or
 * what the agent refused with. Never longer than `patienceMs` for all of it together.
 */
export async function openSocket(request: SocketRequest): Promise<{ readonly socket: WebSocket; readonly certificate: X509Certificate }> {
  const { names } = request;
  const at = splitAddress(names.address);
  if (!at) throw unreachable(names, 'name');
  // rejectUnauthorized is ours: an agent has no host name, and the library cannot tell a wrong clock from a wrong identity.
  const tls = connect({ ...at, ...request.own, minVersion: 'TLSv1.3', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  tls.setNoDelay(true);
  tls.setKeepAlive(true, 30_000);
  let giveUp: (error: Error) => void = () => {};
  const interrupted = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  // The system of a server takes connections for a program that hangs, so that who is silent after that is not the network.
  let isTaken = false;
  tls.once('connect', () => {
    isTaken = true;
  });
  const stopPatience = request.clock.after(patienceMs, () => giveUp(unreachable(names, isTaken ? 'silent' : 'timeout')));
  const onAbort = (): void => giveUp(unreachable(names, 'closed'));
  request.signal?.addEventListener('abort', onAbort);
  if (request.signal?.aborted) onAbort();
  try {
    return await Promise.race([interrupted, establish(tls, request)]);
  } catch (error) {
    tls.destroy();
    throw isFarmError(error) ? withNames(error, names) : error;
  } finally {
    stopPatience();
    request.signal?.removeEventListener('abort', onAbort);
  }
}

async function establish(tls: TLSSocket, request: SocketRequest) {
  const { names } = request;
  // Kept for good: a socket whose error nobody hears ends the program.
  await new Promise<void>((resolve, reject) => {
    tls.on('error', (error) => reject(unreachable(names, causeOf(error), { cause: error })));
    tls.once('close', () => reject(unreachable(names, 'closed')));
    tls.once('secureConnect', resolve);
  });
  const certificate = tls.getPeerX509Certificate();
  if (!certificate || tls.getProtocol() !== 'TLSv1.3') throw unreachable(names, 'identity');
  request.check(certificate);
  return { socket: await upgraded(tls, request), certificate };
}

function upgraded(tls: TLSSocket, { names, path, subprotocol, clock }: SocketRequest): Promise<WebSocket> {
  const socket = new WebSocket(`ws://agent${path}`, [subprotocol], {
    createConnection: () => tls,
    perMessageDeflate: false,
    maxPayload: commandBytes,
    handshakeTimeout: patienceMs,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', (error) => reject(unreachable(names, causeOf(error), { cause: error })));
    socket.once('close', () => reject(unreachable(names, 'closed')));
    socket.once('unexpected-response', (_request, response) => {
      void readRefusal(response, clock.nowMs()).then((refusal) => {
        tls.destroy();
        // Without a word: it does not know us, or (503) has too many connections.
        reject(refusal ?? unreachable(names, response.statusCode === 503 ? 'closed' : 'identity'));
      });
    });
  });
}

/** What the agent said when it refused the WebSocket; undefined when it said nothing that we know. */
async function readRefusal(response: IncomingMessage, nowMs: number): Promise<FarmError | undefined> {
  try {
    let text = '';
    for await (const piece of response) {
      text += String(piece);
      if (text.length > refusalBytes) return undefined;
    }
    const refusal = upgradeRefusal.parse(JSON.parse(text));
    const error = farmErrorFrom(refusal.code, refusal.parameters);
    if (!isFarmError(error, 'CLOCK_OFF') || refusal.nowMs === undefined) return error;
    return new FarmError('CLOCK_OFF', { ...error.parameters, seconds: Math.round((refusal.nowMs - nowMs) / 1000) });
  } catch {
    return undefined;
  }
}
