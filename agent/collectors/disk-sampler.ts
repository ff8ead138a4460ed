import { tmpdir } from 'node:os';
import type { AgentInstance } from '#contract/agent/instances.ts';
import type { HostOs } from '../os/host-os.ts';
import type { AgentClock, AgentLog, DiskOf } from '../ports.ts';
import { createSpeedometer, freeOn, isWorthALook, mayBeFull, oneOfEachDisk, shrunkSince, type Walked } from './disk-growth.ts';
import { entryBytes, folderBytes } from './folder-size.ts';
import { createWrittenCount } from './written-count.ts';

/** Walking folders is dear: seldom, and one instance at a time. */
const everyMs = 600_000;
/** One that was ended for its disk may have room again when somebody has cleared up. */
const endedEveryMs = 60_000;
const lookMs = 1000;
/** How much is free costs next to nothing to ask: so often it is looked whether somebody fills the disk, and while somebody does. */
const freeMs = 100;
const fastMs = 25;
/** Of its time it walks at most one part in so many. */
const restShare = 4;
/** Of those that may be full it walks these before it rests: the ones that wrote most. */
const suspectsAtOnce = 8;

export type DiskSamplerOptions = {
  readonly os: Pick<HostOs, 'transfer' | 'sharedFilesOf'>;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  /** On its disk the instances are. */
  readonly folder: string;
  readonly instances: () => readonly AgentInstance[];
  readonly diskOf: (instanceId: string) => DiskOf;
  readonly measured: (instanceId: string, diskBytes: number) => void;
};

/** How much each instance has on disk: looked at by a walk now and then, soon where much is written, and at once where the disk fills fast. */
class DiskSampler {
  readonly #options: DiskSamplerOptions;
  /** Where instances have room to fill. */
  readonly #disks: readonly string[];
  readonly #walked = new Map<string, Walked>();
  readonly #written: ReturnType<typeof createWrittenCount>;
  readonly #isFast = createSpeedometer();
  #isClosed = false;
  #isWalking = false;
  #isHunting = false;
  #restUntilMs = 0;
  #lookedAtMs = 0;
  #stopLook = (): void => undefined;

  constructor(options: DiskSamplerOptions) {
    this.#options = options;
    this.#disks = oneOfEachDisk([options.folder, tmpdir()]);
    this.#written = createWrittenCount(options.os, (instanceId) => options.diskOf(instanceId).writers);
    this.#lookLater(freeMs);
  }

  async #walk(instance: AgentInstance): Promise<number> {
    const { os, clock, measured } = this.#options;
    const { instanceId } = instance;
    const [written, freeBytes] = [this.#written.of(instanceId), freeOn(this.#disks) ?? 0];
    let diskBytes = await folderBytes(instance.folder);
    // Where everybody may write it may, too.
    const shared = instance.user === '' ? [] : await os.sharedFilesOf({ userId: Number(instance.user) });
    for (const path of shared) diskBytes += await entryBytes(path);
    this.#walked.set(instanceId, { diskBytes, atMs: clock.steadyMs(), written, freeBytes });
    if (!this.#isClosed) measured(instanceId, diskBytes);
    return diskBytes;
  }

  #rest(sinceMs: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => void clock.after((clock.steadyMs() - sinceMs) * restShare, resolve));
  }

  /** Walks those that it is time for, one after another; nothing while it walks already. */
  async #walkThose(isDue: (instance: AgentInstance, before: Walked, written: number) => boolean): Promise<void> {
    if (this.#isWalking) return;
    this.#isWalking = true;
    try {
      const all = this.#options.instances();
      this.#forgetOthers(all);
      const due = all.flatMap((instance) => {
        const before = this.#walked.get(instance.instanceId);
        if (before === undefined) return { instance, isNew: true, written: 0 };
        const written = this.#written.of(instance.instanceId) - before.written;
        return isDue(instance, before, written) ? { instance, isNew: false, written } : [];
      });
      // Who has written most may be the one that fills the disk.
      for (const { instance, isNew } of due.toSorted((one, other) => other.written - one.written)) {
        if (this.#isClosed) return;
        const beganMs = this.#options.clock.steadyMs();
        await this.#walk(instance);
        if (!isNew) await this.#rest(beganMs);
      }
    } finally {
      this.#isWalking = false;
    }
  }

  #forgetOthers(all: readonly AgentInstance[]): void {
    const known = new Set(all.map(({ instanceId }) => instanceId));
    for (const instanceId of this.#walked.keys()) if (!known.has(instanceId)) this.#walked.delete(instanceId);
    this.#written.keepOnly(known);
  }

  /** Walks at once whoever may be full by what the disk has lost, whatever else is being walked. */
  async #hunt(freeBytes: number | undefined): Promise<void> {
    const { clock, diskOf, instances } = this.#options;
    if (this.#isHunting || clock.steadyMs() < this.#restUntilMs) return;
    this.#isHunting = true;
    try {
      const suspects = instances().flatMap((instance) => {
        const before = this.#walked.get(instance.instanceId);
        if (before === undefined || !isUp(instance)) return [];
        const { endBytes } = diskOf(instance.instanceId);
        if (!mayBeFull(before, endBytes, shrunkSince(before, freeBytes))) return [];
        return { instance, endBytes, written: this.#written.of(instance.instanceId) - before.written };
      });
      const beganMs = clock.steadyMs();
      let isFound = suspects.length === 0;
      for (const { instance, endBytes } of suspects.toSorted((one, other) => other.written - one.written).slice(0, suspectsAtOnce)) {
        if (this.#isClosed) return;
        if ((await this.#walk(instance)) > endBytes) isFound = true;
      }
      if (!isFound) this.#restUntilMs = clock.steadyMs() + (clock.steadyMs() - beganMs) * restShare;
    } finally {
      this.#isHunting = false;
    }
  }

  #isDue(instance: AgentInstance, before: Walked, written: number, freeBytes: number | undefined): boolean {
    const sinceMs = this.#options.clock.steadyMs() - before.atMs;
    const shrunk = shrunkSince(before, freeBytes);
    if (sinceMs >= everyMs) return true;
    if (instance.process.state === 'crash-loop') return sinceMs >= endedEveryMs;
    if (instance.process.state === 'none') return false;
    return isWorthALook(before, this.#options.diskOf(instance.instanceId).endBytes, written, shrunk);
  }

  #look(): void {
    const { clock, log } = this.#options;
    const nowMs = clock.steadyMs();
    const freeBytes = freeOn(this.#disks);
    const isFast = this.#isFast(freeBytes, nowMs);
    const failed = (error: unknown): void => void log.bug(error, { at: 'disk' });
    if (isFast) this.#hunt(freeBytes).catch(failed);
    if (nowMs - this.#lookedAtMs >= lookMs) {
      this.#lookedAtMs = nowMs;
      this.#walkThose((instance, before, written) => this.#isDue(instance, before, written, freeBytes)).catch(failed);
    }
    this.#lookLater(isFast ? fastMs : freeMs);
  }

  #lookLater(afterMs: number): void {
    if (this.#isClosed) return;
    this.#stopLook = this.#options.clock.after(afterMs, () => this.#look());
  }

  /** Those that were never walked, at once. */
  measureNew(): Promise<void> {
    return this.#walkThose(() => false);
  }

  /** Of all instances, as last walked. */
  totalBytes(): number {
    return [...this.#walked.values()].reduce((sum, { diskBytes }) => sum + diskBytes, 0);
  }

  close(): void {
    this.#isClosed = true;
    this.#stopLook();
  }
}

const isUp = ({ process: { state } }: AgentInstance): boolean => state === 'starting' || state === 'running';

export const createDiskSampler = (options: DiskSamplerOptions): DiskSampler => new DiskSampler(options);
