import { type IncomingMessage, request } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates, type TLSSocket } from 'node:tls';
import type { TlsEvidence } from '../../../ports/probe.ts';
import { codeOf, settle } from './settle.ts';

export type Visit = {
  readonly url: URL;
  readonly address: string;
  readonly trustPem: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the visit as too late. */
  readonly late: AbortSignal;
  readonly caller: AbortSignal | undefined;
};
export type Visited =
  | {
      readonly kind: 'answered';
      readonly tls: TlsEvidence;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly durationsMs: { readonly connect: number; readonly tls: number; readonly firstByte: number };
    }
  | { readonly kind: 'failed'; readonly stage: 'connect' | 'tls' | 'answer'; readonly cause: string; readonly tls?: TlsEvidence };

const shownHeaders = [
  'content-type',
  'content-length',
  'location',
  'retry-after',
  'server',
  'strict-transport-security',
  'www-authenticate',
];

/** One fresh connection to one address: TCP, TLS with full verification, one GET. Rejects only with the caller's reason. */
export async function visitAddress(visit: Visit): Promise<Visited> {
  const signal = visit.caller === undefined ? visit.late : AbortSignal.any([visit.late, visit.caller]);
  let stage: 'connect' | 'tls' | 'answer' = 'connect';
  let socket: Socket | undefined;
  let tls: TlsEvidence | undefined;
  try {
    const times = [performance.now()];
    socket = await dial(visit, signal);
    times.push(performance.now());
    stage = 'tls';
    const secure = await shakeHands(visit, socket, signal);
    socket = secure;
    tls = describeTls(secure);
    times.push(performance.now());
    stage = 'answer';
    const answer = await get(visit, secure, signal);
    times.push(performance.now());
    const [connectMs = 0, tlsMs = 0, firstByte = 0] = times.slice(1).map((time, at) => Math.round(time - (times[at] ?? time)));
    return { kind: 'answered', tls, ...answer, durationsMs: { connect: connectMs, tls: tlsMs, firstByte } };
  } catch (error) {
    visit.caller?.throwIfAborted();
    const failed = failure(stage, error, visit.late.aborted);
    return tls === undefined ? failed : { ...failed, tls };
  } finally {
    socket?.destroy();
  }
}

function failure(stage: 'connect' | 'tls' | 'answer', error: unknown, isLate: boolean): Extract<Visited, { kind: 'failed' }> {
  if (isLate) return { kind: 'failed', stage, cause: stage === 'answer' ? 'silent' : 'timeout' };
  const code = codeOf(error);
  // with TLS 1.3 the other side's refusal comes after our handshake is done
  const isTls = stage === 'tls' || code.startsWith('ERR_SSL');
  const isClosed = code === 'ECONNRESET' || code === 'closed';
  return { kind: 'failed', stage: isTls ? 'tls' : stage, cause: isClosed && stage !== 'connect' ? 'closed' : code };
}

const portOf = (url: URL): number => (url.port === '' ? 443 : Number(url.port));
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

function dial(visit: Visit, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: visit.address, port: portOf(visit.url) });
  return settle<Socket>(
    signal,
    (resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve(socket));
    },
    (isResolved) => {
      // an error between two stages must not end the program; the next stage sees the dead socket
      socket.on('error', () => {});
      if (!isResolved) socket.destroy();
    },
  );
}

function shakeHands(visit: Visit, socket: Socket, signal: AbortSignal): Promise<TLSSocket> {
  const host = hostOf(visit.url);
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ca: visit.trustPem ?? [...getCACertificates('default'), ...getCACertificates('system')],
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
  });
  return settle<TLSSocket>(
    signal,
    (resolve, reject) => {
      secure.once('error', reject);
      secure.once('close', () => reject(Object.assign(new Error('closed'), { code: 'closed' })));
      secure.once('secureConnect', () => resolve(secure));
    },
    (isResolved) => {
      secure.on('error', () => {});
      if (!isResolved) secure.destroy();
    },
  );
}

function describeTls(secure: TLSSocket): TlsEvidence {
  const leaf = secure.getPeerX509Certificate();
  return {
    fingerprint: leaf?.fingerprint256.replaceAll(':', '').toLowerCase() ?? '',
    issuer: leaf?.issuer.replaceAll('\n', ', ').slice(0, 300) ?? '',
    validToMs: leaf?.validToDate.getTime() ?? 0,
    protocol: secure.getProtocol() ?? '',
  };
}

/** Status and headers are the proof; the body is left unread. */
async function get(visit: Visit, secure: TLSSocket, signal: AbortSignal): Promise<{ status: number; headers: Record<string, string> }> {
  const { url } = visit;
  const asked = request({
    createConnection: () => secure,
    method: 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { Accept: '*/*', 'User-Agent': 'farmstead-outside-probe', ...visit.headers, Host: url.host, Connection: 'close' },
  });
  const answer = await settle<IncomingMessage>(
    signal,
    (resolve, reject) => {
      asked.once('response', resolve);
      asked.once('error', reject);
      asked.end();
    },
    (isResolved) => {
      asked.on('error', () => {});
      if (!isResolved) asked.destroy();
    },
  );
  const headers: Record<string, string> = {};
  for (const name of shownHeaders) {
    const value = answer.headers[name];
    if (value !== undefined) headers[name] = String(value).slice(0, 500);
  }
  const status = answer.statusCode ?? 0;
  answer.on('error', () => {});
  answer.destroy();
  return { status, headers };
}
