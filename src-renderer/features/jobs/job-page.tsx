import { useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import { jobId as jobIdOf } from './job-id.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { isJobActive, jobMark, jobShare, jobTitle } from '../../lib/say-job.ts';
import { useLive, type Live } from '../../lib/use-live.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { selectJob, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Columns, Page, PageHead, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Progress } from '../../ui/progress.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Stopwatch } from '../../ui/stopwatch.tsx';
import { JobAside } from './job-aside.tsx';
import { JobSteps } from './job-steps.tsx';
import { JobVerdict } from './job-verdict.tsx';
import { actorText, stepNumber } from './job-words.ts';
import { useJobActs, type JobActs } from './use-job-acts.ts';
import './jobs.css';

function headSays(words: ReturnType<typeof useWords>, format: ReturnType<typeof useFormat>, job: JobView): string {
  const actor = actorText(words, job.actor);
  const steps = { step: stepNumber(job), steps: job.steps.length, actor };
  if (job.state === 'stopped') return words('jobs.page.says.stopped', steps);
  if (job.state === 'paused') return words('jobs.page.says.paused', steps);
  if (isJobActive(job)) return words('jobs.page.says.running', { actor });
  return words('jobs.page.says.ended', { actor, duration: format.duration((job.endedAtMs ?? job.createdAtMs) - job.createdAtMs) });
}

function RunningActs({ job, acts }: { job: JobView; acts: JobActs }) {
  const words = useWords();
  if (!isJobActive(job)) return null;
  return (
    <>
      {job.state === 'running' && (
        <Button look="bare" icon="pause" isBusy={acts.pause.isBusy} onClick={acts.pause.run}>
          {words('jobs.page.act.pause')}
        </Button>
      )}
      <Button icon="x" isBusy={acts.cancel.isBusy} onClick={acts.cancel.run}>
        {words('jobs.page.act.cancel')}
      </Button>
    </>
  );
}

function Clock({ job }: { job: JobView }) {
  const words = useWords();
  const format = useFormat();
  const hint =
    job.direction === 'back'
      ? words('jobs.page.undoing')
      : job.usuallyMs === undefined
        ? words('jobs.page.usuallyUnknown')
        : words('jobs.page.usually', { duration: format.duration(job.usuallyMs) });
  return (
    <>
      <div className="job-clock">
        <Stopwatch startedMs={job.createdAtMs} endedMs={job.endedAtMs} label={words('jobs.page.clock')} />
        <p>{hint}</p>
      </div>
      <Progress share={jobShare(job)} label={words('jobs.page.progress', { step: stepNumber(job), steps: job.steps.length })} />
    </>
  );
}

function JobBody({ job, live, onAnswer }: { job: JobView; live: Live<JobView>; onAnswer: (job: JobView) => void }) {
  const words = useWords();
  const format = useFormat();
  const acts = useJobActs(job, onAnswer);
  const title = jobTitle(words, job);
  usePageTitle(title);
  return (
    <Page>
      <PageHead
        crumbs={[{ text: words('jobs.page.crumb'), href: paths.jobs }, { text: title }]}
        crumbsLabel={words('common.where')}
        title={title}
        chip={isJobActive(job) ? undefined : <StateChip state={jobMark(job)}>{words(`jobs.state.${job.state}`)}</StateChip>}
        says={headSays(words, format, job)}
        acts={<RunningActs job={job} acts={acts} />}
      />
      <Columns>
        <Stack>
          {acts.failure !== undefined && (
            <Banner state="bad" title={words('jobs.page.act.failed')}>
              {sayFailure(words, acts.failure)}
            </Banner>
          )}
          {live.failure !== undefined && isJobActive(job) && (
            <Banner state="unknown" title={words('jobs.page.cut', { reason: sayFailure(words, live.failure) })} />
          )}
          <JobVerdict job={job} acts={acts} />
          <Panel>
            {isJobActive(job) && <Clock job={job} />}
            <JobSteps job={job} />
          </Panel>
        </Stack>
        <JobAside job={job} />
      </Columns>
    </Page>
  );
}

function NoJob({ live }: { live: Live<JobView> }) {
  const words = useWords();
  const isMissing = live.failure?.code === 'NOT_FOUND' || live.failure?.code === 'BAD_REQUEST';
  const title = words(live.failure === undefined ? 'jobs.page.loading' : isMissing ? 'jobs.page.missing' : 'jobs.page.failed');
  usePageTitle(title);
  return (
    <Page>
      <PageHead crumbs={[{ text: words('jobs.page.crumb'), href: paths.jobs }]} crumbsLabel={words('common.where')} title={title} />
      {live.failure === undefined ? (
        <SkeletonRows widths={[30, 80, 76, 82]} label={title} />
      ) : (
        <EmptyState mark={{ icon: 'list-checks' }} title={title} act={<Button href={paths.jobs}>{words('jobs.page.toList')}</Button>}>
          {isMissing ? words('jobs.page.missingSays') : sayFailure(words, live.failure)}
        </EmptyState>
      )}
    </Page>
  );
}

/** The newest of what is known: the stream, the answer of an act, or the live snapshot while the stream opens. */
function newestOf(...jobs: readonly (JobView | undefined)[]): JobView | undefined {
  const known = jobs.filter((job) => job !== undefined);
  const moved = (job: JobView): number => Math.max(job.createdAtMs, ...job.steps.map((step) => step.endedAtMs ?? step.startedAtMs ?? 0));
  return known.reduce<JobView | undefined>((best, job) => (best === undefined || moved(job) > moved(best) ? job : best), undefined);
}

/** One job: running with what is waited for, or stopped with the way out, or ended with its proof. */
export function JobPage({ jobId }: { jobId: string }) {
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<JobView | undefined>(undefined);
  const kept = useSnapshot(selectJob(jobId));
  // The stream ends with the job: an act that wakes the job again opens a new one.
  const live = useLive(`job ${jobId} ${round}`, (core, options) => core.jobs.watch({ jobId: jobIdOf(jobId) }, options));
  const job = live.value ?? newestOf(answer?.id === jobId ? answer : undefined, kept);
  if (job === undefined) return <NoJob live={live} />;
  const onAnswer = (next: JobView): void => {
    setAnswer(next);
    setRound((now) => now + 1);
  };
  return <JobBody key={jobId} job={job} live={live} onAnswer={onAnswer} />;
}
