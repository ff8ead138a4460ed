import type { FarmId } from '#contract/ids.ts';
import type { Job, JobStep } from '../model/jobs/job.ts';
import type { Duration, Store } from '../ports/store.ts';

const keptCount = 10;
/** The name under which a whole job's duration is kept. */
const wholeJob = '*';

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

export type Durations = {
  /** The median of the last ten, in milliseconds; undefined when none ran through yet. `step` absent: the whole job. */
  readonly usuallyMs: (type: string, step?: string) => number | undefined;
  readonly load: (farmId: FarmId) => Promise<void>;
  /** Keeps what a job that ran straight through took. One that was stopped or paused on its way says nothing about how long it usually takes. */
  readonly keep: (job: Job, steps: readonly JobStep[]) => Promise<void>;
};

/** How long jobs and their steps take here, so that a wizard can say "about 6 s". */
export function createDurations(store: Store, newId: () => string): Durations {
  const known = new Map<string, Duration[]>();
  const keyOf = (type: string, step: string): string => `${type}.${step}`;
  let loadedOf: FarmId | undefined;
  const load = async (farmId: FarmId): Promise<void> => {
    if (loadedOf === farmId) return;
    const rows = await store.durations.find({ farmId });
    known.clear();
    for (const row of rows.toSorted((one, other) => one.atMs - other.atMs)) {
      const key = keyOf(row.jobType, row.step);
      known.set(key, [...(known.get(key) ?? []), row]);
    }
    loadedOf = farmId;
  };
  return {
    load,
    usuallyMs: (type, step) => medianOf((known.get(keyOf(type, step ?? wholeJob)) ?? []).map((row) => row.durationMs)),
    keep: async (job, steps) => {
      if (job.state !== 'done' || job.endedAtMs === null || steps.some((step) => step.attempts > 1)) return;
      await load(job.farmId);
      const took = steps.flatMap((step) =>
        step.startedAtMs === null || step.endedAtMs === null ? [] : [{ step: step.name, durationMs: step.endedAtMs - step.startedAtMs }],
      );
      // not from the job's own begin and end: it may have been paused between two steps
      took.push({ step: wholeJob, durationMs: took.reduce((sum, { durationMs }) => sum + durationMs, 0) });
      const atMs = job.endedAtMs;
      const old: Duration[] = [];
      const fresh: Duration[] = [];
      for (const { step, durationMs } of took) {
        const row: Duration = { id: newId(), farmId: job.farmId, jobType: job.type, step, durationMs, atMs };
        const rows = [...(known.get(keyOf(job.type, step)) ?? []), row];
        old.push(...rows.splice(0, Math.max(0, rows.length - keptCount)));
        known.set(keyOf(job.type, step), rows);
        fresh.push(row);
      }
      await store.transaction(async (tables) => {
        for (const row of fresh) await tables.durations.put(row);
        for (const row of old) await tables.durations.remove(row.id);
      });
    },
  };
}
