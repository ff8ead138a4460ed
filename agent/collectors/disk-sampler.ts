import { statfsSync } from 'node:fs';
import type { AgentInstance } from '#contract/agent/instances.ts';
import type { AgentClock, AgentLog } from '../ports.ts';
import type { HostOs } from '../os/host-os.ts';
import { folderBytes } from './folder-size.ts';
import type { MeasuredProcess } from './instance-sampler.ts';

/** Walking folders is dear: seldom, and one instance at a time. */
const everyMs = 600_000;
/** One that was ended for its disk may have room again when somebody has cleared up. */
const endedEveryMs = 60_000;
const lookMs = 1000;
/** What has written this much since its folder was walked is walked again: a second later it is known who fills the disk. */
const writtenBytes = 32 * 2 ** 20;
/** The same of all together: not everything that takes room is written by the first process, or is written at all. */
const shrunkBytes = 128 * 2 ** 20;
/** Of its time it walks at most one part in so many. */
const restShare = 4;

export type DiskSamplerOptions = {
  readonly os: Pick<HostOs, 'transfer'>;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  /** On its disk the instances are. */
  readonly folder: string;
  readonly instances: () => readonly AgentInstance[];
  readonly processes: () => readonly MeasuredProcess[];
  readonly measured: (instanceId: string, diskBytes: number) => void;
};

type Walked = { readonly diskBytes: number; readonly atMs: number; readonly written: number };

function freeOn(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** How much each instance has on disk: looked at by a walk now and then, and soon where much is written. */
export function createDiskSampler(options: DiskSamplerOptions) {
  const { os, clock, log, folder, instances, processes, measured } = options;
  const walked = new Map<string, Walked>();
  let isClosed = false;
  let isWalking = false;
  let freeBytes = Number.POSITIVE_INFINITY;
  let stopLook = (): void => undefined;

  const writtenBy = (instanceId: string): number => {
    const one = processes().find((process) => process.instanceId === instanceId);
    return (one === undefined ? undefined : os.transfer(one)?.outBytes) ?? 0;
  };
  const walk = async (instance: AgentInstance, isPaced: boolean): Promise<void> => {
    const beganMs = clock.steadyMs();
    const written = writtenBy(instance.instanceId);
    const diskBytes = await folderBytes(instance.folder);
    walked.set(instance.instanceId, { diskBytes, atMs: clock.steadyMs(), written });
    if (isClosed) return;
    measured(instance.instanceId, diskBytes);
    if (isPaced) await new Promise<void>((resolve) => void clock.after((clock.steadyMs() - beganMs) * restShare, resolve));
  };
  /** Walks those that it is time for, one after another; nothing while it walks already. */
  const walkThose = async (isDue: (instance: AgentInstance, before: Walked) => boolean): Promise<void> => {
    if (isWalking) return;
    isWalking = true;
    try {
      const all = instances();
      const known = new Set(all.map(({ instanceId }) => instanceId));
      for (const instanceId of walked.keys()) if (!known.has(instanceId)) walked.delete(instanceId);
      const due = all.flatMap((instance) => {
        const before = walked.get(instance.instanceId);
        if (before === undefined) return { instance, isNew: true, written: 0 };
        return isDue(instance, before) ? { instance, isNew: false, written: writtenBy(instance.instanceId) - before.written } : [];
      });
      // Who has written most may be the one that fills the disk.
      for (const { instance, isNew } of due.toSorted((one, other) => other.written - one.written)) {
        if (isClosed) return;
        await walk(instance, !isNew);
      }
    } finally {
      isWalking = false;
    }
  };

  /** Has the disk lost much room since everything on it was walked? */
  const hasShrunk = (): boolean => {
    const now = freeOn(folder);
    if (now === undefined) return false;
    const before = freeBytes;
    if (now > before || before === Number.POSITIVE_INFINITY) freeBytes = now;
    if (before - now < shrunkBytes) return false;
    if (!isWalking) freeBytes = now;
    return true;
  };
  const isDueNow = (instance: AgentInstance, before: Walked, isShrinking: boolean): boolean => {
    const sinceMs = clock.steadyMs() - before.atMs;
    if (sinceMs >= everyMs) return true;
    if (instance.process.state === 'crash-loop') return sinceMs >= endedEveryMs;
    if (instance.process.state === 'none') return false;
    return isShrinking || writtenBy(instance.instanceId) - before.written >= writtenBytes;
  };
  const look = async (): Promise<void> => {
    const isShrinking = hasShrunk();
    await walkThose((instance, before) => isDueNow(instance, before, isShrinking));
  };
  const lookAgain = (): void => {
    void look()
      .catch((error: unknown) => log.bug(error, { at: 'disk' }))
      .finally(() => {
        if (!isClosed) stopLook = clock.after(lookMs, lookAgain);
      });
  };
  stopLook = clock.after(lookMs, lookAgain);

  return {
    /** Those that were never walked, at once. */
    measureNew: () => walkThose(() => false),
    /** Of all instances, as last walked. */
    totalBytes: (): number => [...walked.values()].reduce((sum, { diskBytes }) => sum + diskBytes, 0),
    close: (): void => {
      isClosed = true;
      stopLook();
    },
  };
}
