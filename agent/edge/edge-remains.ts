import type { ProcessIdentity } from '../os/host-os.ts';
import { bindSocket } from '#kit/node/bound-socket.ts';
import type { EdgeControlOptions } from './edge-control.ts';
import type { RunningEdge } from './edge-files.ts';

const letGoMs = 1500;
const lookMs = 20;
/** They end by themselves five seconds after their main process. */
const endedMs = 10_000;

async function isTaken(host: string, port: number): Promise<boolean> {
  try {
    (await bindSocket(host, port)).close();
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  }
}

/**
 * Workers whose main process is gone let go of its ports at once, finish what visitors have begun, and end by themselves. One that hangs keeps the ports from
 * the next edge: then all are ended. Resolves when the ports are free of them. Never throws.
 */
export async function clearRemains({ os, clock, https, http }: EdgeControlOptions, dead: RunningEdge | undefined): Promise<void> {
  if (dead === undefined) return;
  const left = (): readonly ProcessIdentity[] => (dead.workers ?? []).filter(os.isAlive);
  const endAll = async (): Promise<void> => {
    for (const worker of left()) await os.killTree(worker);
  };
  for (const deadline = clock.steadyMs() + letGoMs; left().length > 0; ) {
    const taken = await Promise.all([isTaken(https.host, dead.httpsPort), isTaken(http.host, dead.httpPort)]);
    if (!taken.includes(true)) break;
    if (clock.steadyMs() > deadline) return endAll();
    await new Promise<void>((resolve) => void clock.after(lookMs, resolve));
  }
  if (left().length > 0) clock.after(endedMs, () => void endAll());
}
