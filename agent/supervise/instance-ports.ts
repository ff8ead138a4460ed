import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { FarmError } from '#contract/errors.ts';

/**
 * Ports of instances: below the ranges that systems hand out by themselves (Linux 32768–60999, Windows 49152–65535), beginning at a
 * place of each agent's own, so that several agents of one machine rarely meet. A port is probed before it is given.
 */
const firstPort = 20_000;
const portCount = 12_000;
export const listenHost = '127.0.0.1';

/** Can somebody listen there now? */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: listenHost, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A port that is neither in `taken` nor in use. Throws `PORT_TAKEN` when none is left. */
export async function newPort(taken: ReadonlySet<number>, seed: string): Promise<number> {
  const start = createHash('sha256').update(seed).digest().readUInt32BE(4) % portCount;
  for (let step = 0; step < portCount; step++) {
    const port = firstPort + ((start + step) % portCount);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new FarmError('PORT_TAKEN', { port: firstPort + start, owner: 'unknown' });
}
