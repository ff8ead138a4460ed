import type { InstanceSpec } from '#contract/agent/instances.ts';
import type { ProcessIdentity } from '../os/host-os.ts';
import type { SupervisorNeeds } from './needs.ts';

/** Where the package is gone, and with it how long it may take to end by itself. */
const usualGraceSeconds = 10;

type How = {
  /** Resolves when it ends, where that is told. */
  readonly exited: Promise<unknown> | undefined;
  readonly mostGraceSeconds?: number | undefined;
  /** Asked all the time of its grace: it is over at once when this says so. */
  readonly isEnough?: (() => boolean) | undefined;
};

/** Asks a process to end, waits its grace, ends what is left of it and of its family. Gone is fine. */
export async function endProcess(
  identity: ProcessIdentity,
  { os, clock, packages, limits }: SupervisorNeeds,
  spec: InstanceSpec,
  { exited, mostGraceSeconds = Number.POSITIVE_INFINITY, isEnough = () => false }: How,
): Promise<void> {
  const usual = packages.manifest(spec.manifestHash, spec.payload)?.stop.graceSeconds ?? usualGraceSeconds;
  const graceSeconds = Math.min(usual, mostGraceSeconds);
  os.terminate(identity);
  const deadlineMs = clock.steadyMs() + graceSeconds * 1000;
  while (os.isAlive(identity) && clock.steadyMs() < deadlineMs && !isEnough()) {
    const tick = new Promise<void>((resolve) => void clock.after(20, resolve));
    await (exited === undefined ? tick : Promise.race([tick, exited]));
  }
  // What is in its group ends at once, whatever else there is to look for.
  await limits.end(spec.instanceId);
  await os.killTree(identity);
}
