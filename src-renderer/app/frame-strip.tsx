import { useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import { paths } from '../lib/go-to.ts';
import { isJobActive, jobDurationMs, jobMark, jobShare, jobStepIndex, jobTitle, stepTitle, waitingText } from '../lib/say-job.ts';
import { sayFailure } from '../lib/failure.ts';
import { useFormat, useWords } from '../lib/use-words.ts';
import { selectIsOld, selectJobs, selectServers, useSnapshot } from '../stores/snapshot.ts';
import { JobsTray, type TrayJob } from '../ui/jobs-tray.tsx';
import { Strip } from '../ui/strip.tsx';
import { useNow } from '../ui/use-now.ts';
import { freshnessOf, type Freshness } from './freshness.ts';

const AGE_TICK_MS = 1_000;
const NAMED_SERVERS = 3;

function useFreshness() {
  const words = useWords();
  const format = useFormat();
  const nowMs = useNow(AGE_TICK_MS);
  const servers = useSnapshot(selectServers);
  const atMs = useSnapshot((snapshot) => snapshot.data?.atMs);
  const isOld = useSnapshot(selectIsOld);
  const fresh: Freshness = freshnessOf({ servers, atMs, isOld, nowMs });
  switch (fresh.kind) {
    case 'waiting':
      return { state: 'working' as const, text: words('common.fresh.waiting') };
    case 'lost':
      return { state: 'unknown' as const, text: words('common.fresh.lost', { time: format.timeWithSeconds(fresh.atMs) }) };
    case 'empty':
      return { state: 'good' as const, text: words('common.fresh.noServers') };
    case 'all':
      return { state: 'good' as const, text: words('common.fresh.all', { count: fresh.count, seconds: fresh.seconds }) };
    case 'some': {
      const named = fresh.silent.slice(0, NAMED_SERVERS).join(', ');
      const more = fresh.silent.length - NAMED_SERVERS;
      const names = more > 0 ? words('common.fresh.more', { names: named, more }) : named;
      return { state: 'warning' as const, text: words('common.fresh.some', { silent: fresh.silent.length, count: fresh.count, names }) };
    }
  }
}

function useTrayJobs(jobs: readonly JobView[]): TrayJob[] {
  const words = useWords();
  const format = useFormat();
  const nowMs = useNow(jobs.length === 0 ? null : AGE_TICK_MS);
  return jobs.map((job) => {
    const step = job.steps[jobStepIndex(job)];
    const failure = job.failure ?? step?.failure;
    const says =
      job.state === 'stopped' && failure !== undefined
        ? sayFailure(words, failure)
        : step?.waiting !== undefined
          ? waitingText(words, format, step.waiting)
          : step === undefined
            ? ''
            : stepTitle(words, job, step);
    return {
      id: job.id,
      state: jobMark(job),
      title: jobTitle(words, job),
      href: paths.job(job.id),
      says,
      duration: format.duration(jobDurationMs(job, nowMs)),
      progressLabel: jobTitle(words, job),
      ...(isJobActive(job) && { share: jobShare(job) }),
    };
  });
}

/** The age of what is seen, and the jobs. */
export function FrameStrip() {
  const words = useWords();
  const freshness = useFreshness();
  const [isOpen, setOpen] = useState(false);
  const all = useSnapshot(selectJobs);
  const active = all.filter(isJobActive);
  const stopped = all.filter((job) => job.state === 'stopped');
  const jobs = useTrayJobs(isOpen ? [...active, ...stopped].slice(0, 20) : []);
  const [only] = active;
  const text =
    only !== undefined
      ? active.length === 1
        ? jobTitle(words, only)
        : words('common.tray.running', { count: active.length })
      : stopped.length > 0
        ? words('common.tray.stopped', { count: stopped.length })
        : words('common.tray.none');
  const isOld = useSnapshot(selectIsOld);
  const state = isOld && active.length > 0 ? 'unknown' : active.length > 0 ? 'working' : stopped.length > 0 ? 'bad' : undefined;
  const share = active.length === 0 ? undefined : active.reduce((sum, job) => sum + jobShare(job), 0) / active.length;
  return (
    <Strip freshness={freshness}>
      <JobsTray
        text={text}
        state={state}
        share={share}
        progressLabel={words('common.tray.progress')}
        jobs={jobs}
        isOpen={isOpen}
        onToggle={setOpen}
        title={words('common.tray.title')}
        all={{ text: words('common.tray.all'), href: paths.jobs }}
        closeLabel={words('common.tray.close')}
        emptyText={words('common.tray.empty')}
      />
    </Strip>
  );
}
