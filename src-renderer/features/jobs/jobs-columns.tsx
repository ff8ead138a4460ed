import { isEndedState, type JobView } from '#contract/api/jobs.ts';
import { paths } from '../../lib/go-to.ts';
import { jobDurationMs, jobMark, jobTitle, stepTitle } from '../../lib/say-job.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs } from '../../stores/snapshot.ts';
import type { DataTableColumn } from '../../ui/data-table-types.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { useNow } from '../../ui/use-now.ts';
import { actorText, stepNumber } from './job-words.ts';

const TICK_MS = 1_000;

/** The columns of the list of jobs. `isMoving`: some duration still grows. */
export function useJobColumns(isMoving: boolean): readonly DataTableColumn<JobView>[] {
  const words = useWords();
  const format = useFormat();
  useNow(isMoving ? TICK_MS : null);
  const stepOf = (job: JobView) => {
    const number = stepNumber(job);
    const step = job.steps[number - 1];
    return isEndedState(job.state) || step === undefined ? (
      <span className="faint">{words('jobs.page.stepOf', { step: job.steps.length, steps: job.steps.length })}</span>
    ) : (
      <>
        {words('jobs.page.stepOf', { step: number, steps: job.steps.length })} <span className="soft">{stepTitle(words, job, step)}</span>
      </>
    );
  };
  return [
    {
      id: 'state',
      header: words('jobs.page.column.state'),
      width: 'minmax(164px, 1fr)',
      cell: (job) => (
        <StateChip look={job.state === 'stopped' ? 'small' : 'plain'} state={jobMark(job)}>
          {words(`jobs.state.${job.state}`)}
        </StateChip>
      ),
    },
    {
      id: 'job',
      header: words('jobs.page.column.job'),
      width: 'minmax(180px, 1.6fr)',
      cell: (job) => (
        <a className="name" href={paths.job(job.id)}>
          {jobTitle(words, job)}
        </a>
      ),
    },
    { id: 'step', header: words('jobs.page.column.step'), width: 'minmax(160px, 2fr)', cell: stepOf },
    {
      id: 'actor',
      header: words('jobs.page.column.actor'),
      width: 'minmax(110px, 1fr)',
      leavesBelowPx: 1180,
      cell: (job) => actorText(words, job.actor),
    },
    {
      id: 'begun',
      header: words('jobs.page.column.begun'),
      width: 'minmax(120px, .8fr)',
      cell: (job) => <RelativeTime timeMs={job.createdAtMs} />,
    },
    {
      id: 'duration',
      header: words('jobs.page.column.duration'),
      width: 'minmax(90px, .6fr)',
      isNumber: true,
      cell: (job) => format.duration(jobDurationMs(job, coreNowMs())),
    },
  ];
}
