import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import type { AgentClock } from '../ports.ts';

const everyMs = 1000;

/** A process that we did not start says nothing when it ends: it is looked for once a second, until it is gone. Returns its disposer. */
export function watchLiveness(identity: ProcessIdentity, { os, clock }: { os: HostOs; clock: AgentClock }, onGone: () => void): () => void {
  let stop = (): void => undefined;
  const look = (): void => {
    if (os.isAlive(identity)) stop = clock.after(everyMs, look);
    else onGone();
  };
  stop = clock.after(everyMs, look);
  return () => stop();
}
