import { request } from 'node:http';
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
};
type Answer = { readonly status: number; readonly body: string } | { readonly cause: string };

const mostBodyBytes = 256 * 1024;

/** One request to 127.0.0.1 on a connection of its own. Never throws: a failure is an answer with a cause. */
function ask({ port, host, path, authorization, timeoutMs }: Ask): Promise<Answer> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent: false,
        headers: { host, accept: 'application/json, */*', ...(authorization === undefined ? {} : { authorization }) },
        signal: AbortSignal.timeout(timeoutMs),
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

export type HealthTarget = {
  readonly port: number;
  readonly host: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
};

/** Asks the manifest's health path. Where the check signs in, by HTTP Basic (RFC 7617) with the named parameters. */
export async function checkHealth(health: PackageManifest['health'], target: HealthTarget, steadyMs: () => number): Promise<HealthResult> {
  const { signIn } = health;
  const authorization =
    signIn === undefined
      ? undefined
      : `Basic ${Buffer.from(`${String(target.parameters[signIn.userName] ?? '')}:${String(target.parameters[signIn.password] ?? '')}`, 'utf8').toString('base64')}`;
  const startedMs = steadyMs();
  const answer = await ask({
    port: target.port,
    host: target.host,
    path: health.path,
    authorization,
    timeoutMs: health.timeoutSeconds * 1000,
  });
  const answerMs = Math.round((steadyMs() - startedMs) * 10) / 10;
  if ('cause' in answer) return { isHealthy: false, answered: answer.cause, answerMs: undefined, isReachable: false };
  return { isHealthy: health.acceptedStatus.includes(answer.status), answered: String(answer.status), answerMs, isReachable: true };
}

/** The application's own self-check: accepted status, and every named field (dots go deeper) is there and neither false, null nor empty. */
export async function runSelfCheck(
  selfCheck: NonNullable<PackageManifest['selfCheck']>,
  target: HealthTarget,
  timeoutMs: number,
): Promise<'good' | 'bad'> {
  const answer = await ask({ port: target.port, host: target.host, path: selfCheck.path, authorization: undefined, timeoutMs });
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
