import type { HostOs, ProcessIdentity } from '../os/host-os.ts';
import type { AgentClock } from '../ports.ts';

type Ending = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  /** How long it may take to end by itself. */
  readonly graceMs: number;
  /** Resolves when it ends, where that is told. */
  readonly exited: Promise<unknown> | undefined;
};

/** Asks a process to end, waits its grace, ends what is left of it and of its family. Gone is fine. */
export async function endProcess(identity: ProcessIdentity, { os, clock, graceMs, exited }: Ending): Promise<void> {
  os.terminate(identity);
  const deadlineMs = clock.steadyMs() + graceMs;
  while (os.isAlive(identity) && clock.steadyMs() < deadlineMs) {
    const tick = new Promise<void>((resolve) => void clock.after(20, resolve));
    await (exited === undefined ? tick : Promise.race([tick, exited]));
  }
  await os.killTree(identity);
}
