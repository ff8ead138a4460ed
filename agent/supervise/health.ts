import { request } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PackageManifest } from '#contract/package-manifest.ts';

export type HealthResult = {
  readonly isHealthy: boolean;
  readonly answered: string;
  readonly answerMs: number | undefined;
  readonly isReachable: boolean;
};

type Ask = {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly timeoutMs: number;
  /** Asked again when the connection stands and before a byte is sent: is whoever took it still whom we looked at? */
  readonly isStillOurs: () => boolean;
};
type Answer = { readonly status: number; readonly body: string } | { readonly cause: string };

const mostBodyBytes = 256 * 1024;

/** One request to 127.0.0.1 on a connection of its own. Never throws: a failure is an answer with a cause. */
function ask(what: Ask): Promise<Answer> {
  return askOnce(what).catch((error: unknown) => ({ cause: error instanceof Error && 'code' in error ? String(error.code) : 'failed' }));
}

/**
 * A listener that was ours before we connected and is the same one afterwards took our connection: nobody else can have been there between. Until that
 * is known nothing is sent.
 */
function connectTo(
  { port, isStillOurs }: Pick<Ask, 'port' | 'isStillOurs'>,
  signal: AbortSignal,
  connected: (error: Error | null, socket: Duplex) => void,
): undefined {
  const socket = connect(port, '127.0.0.1');
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  const fail = (error: Error): void => connected(error, socket);
  socket.once('error', fail);
  socket.once('connect', () => {
    socket.off('error', fail);
    if (isStillOurs()) return connected(null, socket);
    socket.destroy();
    connected(Object.assign(new Error('another listener'), { code: 'ECONNREFUSED' }), socket);
  });
}

/** Rejects where Node takes the request for none, e.g. a path with spaces. */
function askOnce({ port, host, path, authorization, timeoutMs, isStillOurs }: Ask): Promise<Answer> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request(
      {
        path,
        createConnection: (_, connected) => connectTo({ port, isStillOurs }, signal, connected),
        headers: { host, accept: 'application/json, */*', ...(authorization === undefined ? {} : { authorization }) },
        signal,
      },
      (incoming) => {
        const pieces: Buffer[] = [];
        let size = 0;
        incoming.on('data', (piece: Buffer) => {
          size += piece.length;
          if (size <= mostBodyBytes) pieces.push(piece);
          else incoming.destroy();
        });
        const finish = (): void => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(pieces).toString('utf8') });
        incoming.on('close', finish);
        incoming.on('error', finish);
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const known: Record<string, string> = { ECONNREFUSED: 'refused', ECONNRESET: 'reset', ABORT_ERR: 'timeout', ETIMEDOUT: 'timeout' };
      resolve({
        cause:
          error.name === 'TimeoutError' || error.name === 'AbortError' ? 'timeout' : (known[error.code ?? ''] ?? error.code ?? 'failed'),
      });
    });
    outgoing.end();
  });
}

export type HealthTarget = Pick<Ask, 'isStillOurs'> & {
  readonly port: number;
  readonly host: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
};

/** HTTP Basic (RFC 7617) with the named parameters, where the application asks for it. */
function authorizationOf(signIn: PackageManifest['health']['signIn'], { parameters }: HealthTarget): string | undefined {
  if (signIn === undefined) return undefined;
  const credentials = `${String(parameters[signIn.userName] ?? '')}:${String(parameters[signIn.password] ?? '')}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

/** Asks the manifest's health path, signed in where it says so. */
export async function checkHealth(health: PackageManifest['health'], target: HealthTarget, steadyMs: () => number): Promise<HealthResult> {
  const authorization = authorizationOf(health.signIn, target);
  const startedMs = steadyMs();
  const answer = await ask({
    port: target.port,
    host: target.host,
    path: health.path,
    authorization,
    isStillOurs: target.isStillOurs,
    timeoutMs: health.timeoutSeconds * 1000,
  });
  const answerMs = Math.round((steadyMs() - startedMs) * 10) / 10;
  if ('cause' in answer) return { isHealthy: false, answered: answer.cause, answerMs: undefined, isReachable: false };
  return { isHealthy: health.acceptedStatus.includes(answer.status), answered: String(answer.status), answerMs, isReachable: true };
}

/**
 * The application's own self-check, signed in like the health check: accepted status, and every named field (dots go deeper) is there and neither
 * false, null nor empty.
 */
export async function runSelfCheck(
  selfCheck: NonNullable<PackageManifest['selfCheck']>,
  health: PackageManifest['health'],
  target: HealthTarget,
): Promise<'good' | 'bad'> {
  const { port, host, isStillOurs } = target;
  const authorization = authorizationOf(health.signIn, target);
  const answer = await ask({ port, host, path: selfCheck.path, authorization, isStillOurs, timeoutMs: health.timeoutSeconds * 1000 });
  if ('cause' in answer || !selfCheck.acceptedStatus.includes(answer.status)) return 'bad';
  try {
    const body: unknown = JSON.parse(answer.body);
    return selfCheck.fields.every((field) => isGoodField(body, field.split('.'))) ? 'good' : 'bad';
  } catch {
    return 'bad';
  }
}

function isGoodField(value: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined && value !== null && value !== false && value !== '';
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
  return isGoodField((value as Record<string, unknown>)[key], rest);
}
