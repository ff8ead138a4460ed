import { createWakeUp } from '#kit/wake-up.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { LiveSnapshot, SnapshotEvent } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { DemoFailure, FarmView } from '#contract/api/settings.ts';
import { aimsAt, isSmallJob } from '#contract/catalogue/jobs.ts';
import { isYounger } from '../../model/age.ts';
import { isEnded } from '../../model/jobs/machine.ts';
import { dayStartMs } from '../../model/monitoring/day.ts';
import { median, quantile } from '../../model/monitoring/history.ts';
import { countMarks, survivesOneServer } from '../../model/monitoring/totals.ts';
import type { JudgedCertificate, LookForAlerts } from '../../ports/alerts.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/request.ts';
import { createDifferences } from './snapshot-differences.ts';

export type SnapshotSources = {
  readonly farm: () => Promise<{
    readonly farm: FarmView | undefined;
    readonly demoStep: LiveSnapshot['state']['demoStep'];
    readonly demoFailure?: DemoFailure | undefined;
  }>;
  readonly servers: () => Promise<readonly ServerView[]>;
  readonly instances: () => readonly InstanceView[];
  /** Those that have not ended and the newest of the others, newest first. */
  readonly jobs: () => Promise<readonly JobView[]>;
  readonly certificates: () => Promise<readonly JudgedCertificate[]>;
  /** What needs a person, of what is gathered here anyway. */
  readonly alerts: LookForAlerts;
};
type Deps = SnapshotSources & {
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets others have their turn between slices of a long list. */
  readonly pause: () => Promise<void>;
};
const tickMs = 100;
const sparkEveryMs = 60_000;
const sparkLength = 60;

/** So many jobs of each kind stand in a window's snapshot; pages that show more ask for them. */
const mostJobs = 100;
const mostSmallJobs = 50;
/** The newest, with a bound of their own for small ones, and of those before them the ones that somebody may have to act on. */
function jobsOfSnapshot(newestFirst: readonly JobView[]): JobView[] {
  const newest = new Set([
    ...newestFirst.filter(({ type }) => !isSmallJob(type)).slice(0, mostJobs),
    ...newestFirst.filter(({ type }) => isSmallJob(type)).slice(0, mostSmallJobs),
  ]);
  const before = newestFirst.filter((job) => !newest.has(job) && !isEnded(job.state));
  const all = new Set([...newest, ...before.slice(0, mostJobs)]);
  return newestFirst.filter((job) => all.has(job));
}

/** A queue that one window reads: what was not read yet, and a way to wait for more. */
function createInbox(signal: AbortSignal | undefined) {
  const events: SnapshotEvent[] = [];
  const news = createWakeUp(signal);
  return {
    put: (event: SnapshotEvent): void => {
      events.push(event);
      news.poke();
    },
    take: (): SnapshotEvent | undefined => events.shift(),
    size: (): number => events.length,
    /** False when the reader has gone. */
    more: news.next,
    close: news.dispose,
  };
}

/** A window that reads slower than this many ticks gets a new snapshot instead of the backlog. */
const backlogLimit = 50;

/**
 * The live snapshot that every window keeps: computed once for all of them, at most every 100 ms, and only told where it changed.
 * `watch` begins with a snapshot; a reader that falls behind gets another.
 */
export function createSnapshotService(deps: Deps) {
  let sequence = 0;
  let last: LiveSnapshot | undefined;
  let timer: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const inboxes = new Set<ReturnType<typeof createInbox>>();
  const differences = createDifferences(deps.pause);
  const spark: (number | null)[] = [];
  let sparkAtMs = 0;

  const gather = async () => {
    const [{ farm, demoStep, demoFailure }, servers, jobs, certificates] = await Promise.all([
      deps.farm(),
      deps.servers(),
      deps.jobs(),
      deps.certificates(),
    ]);
    return { farmId: farm?.id ?? '', farm, demoStep, demoFailure, servers, jobs, certificates, instances: deps.instances() };
  };
  const compute = async (): Promise<LiveSnapshot> => {
    const { views, alerts } = await deps.alerts(gather);
    const { farm, demoStep, demoFailure, servers, jobs, instances } = views;
    const nowMs = deps.clock.nowMs();
    const today = dayStartMs(nowMs, farm?.timeZone ?? 'UTC');
    const answers = instances.flatMap((instance) => (instance.answerMs === undefined ? [] : [instance.answerMs]));
    const done = jobs.filter((job) => job.state === 'done');
    const created = done.filter((job) => aimsAt(job.type, 'makes', 'instance'));
    const answerMedianMs = median(answers);
    if (!isYounger(nowMs, sparkAtMs, sparkEveryMs)) {
      sparkAtMs = nowMs;
      spark.push(answerMedianMs ?? null);
      if (spark.length > sparkLength) spark.shift();
    }
    const createMedianMs = median(created.slice(0, 20).map((job) => (job.endedAtMs ?? job.createdAtMs) - job.createdAtMs));
    const answer95Ms = quantile(answers, 0.95);
    const survives = survivesOneServer(servers);
    const totals = {
      ...countMarks(instances),
      room: servers.reduce((sum, server) => sum + server.room, 0),
      createdToday: created.filter((job) => (job.endedAtMs ?? 0) >= today).length,
      removedToday: done.filter((job) => aimsAt(job.type, 'takes-away', 'instance') && (job.endedAtMs ?? 0) >= today).length,
      ...(createMedianMs === undefined ? {} : { createMedianMs }),
      ...(answerMedianMs === undefined ? {} : { answerMedianMs }),
      ...(answer95Ms === undefined ? {} : { answer95Ms }),
      ...(survives === undefined ? {} : { survivesOneServer: survives }),
    };
    return {
      state: {
        ...(farm === undefined ? {} : { farm }),
        demoStep,
        ...(demoFailure === undefined ? {} : { demoFailure }),
        totals,
        answerSpark: [...spark],
      },
      servers: [...servers],
      jobs: jobsOfSnapshot(jobs),
      alerts: [...alerts],
    };
  };

  const snapshotEvent = (snapshot: LiveSnapshot): SnapshotEvent => ({
    kind: 'snapshot',
    sequence,
    atMs: deps.clock.nowMs(),
    mirror: snapshot,
  });

  const tick = async (): Promise<void> => {
    const after = await compute();
    const patches = await differences(after);
    // from here on without a pause: whoever begins to watch has either this snapshot or all of these patches
    const isFirst = last === undefined;
    last = after;
    if (isFirst || patches.length === 0) return;
    sequence += 1;
    for (const inbox of inboxes) {
      if (inbox.size() > backlogLimit) {
        while (inbox.take() !== undefined);
        inbox.put(snapshotEvent(after));
      } else inbox.put({ kind: 'patches', sequence, atMs: deps.clock.nowMs(), patches });
    }
  };
  /** A tick that begins after now: one for all who asked since the last began, however many they are. */
  const queuedTick = (): Promise<void> => {
    next ??= (running ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        running = next;
        next = undefined;
        return tick();
      });
    return next;
  };
  const schedule = (): void => {
    if (timer !== undefined || inboxes.size === 0) return;
    timer = deps.clock.after(tickMs, () => {
      timer = undefined;
      queuedTick().catch((error: unknown) => {
        deps.log.bug(error, { where: 'snapshot' });
      });
    });
  };
  const stopListening = deps.changes.on(schedule);

  return {
    watch: async function* (signal: AbortSignal | undefined): AsyncGenerator<SnapshotEvent, void, void> {
      const inbox = createInbox(signal);
      try {
        // A tick first, so that the others are told of what this snapshot already shows.
        await queuedTick();
        if (last === undefined) return;
        inboxes.add(inbox);
        yield snapshotEvent(last);
        do for (let event = inbox.take(); event !== undefined; event = inbox.take()) yield event;
        while (await inbox.more());
      } finally {
        inboxes.delete(inbox);
        inbox.close();
      }
    },
    close: (): void => {
      stopListening();
      timer?.();
    },
  };
}
export type SnapshotService = ReturnType<typeof createSnapshotService>;
