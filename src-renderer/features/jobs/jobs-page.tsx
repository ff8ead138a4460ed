import { useMemo, useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { isJobActive } from '../../lib/say-job.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { selectJobs, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FilterBar } from '../../ui/filter-bar.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { Segments } from '../../ui/segments.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import './jobs.css';
import { useJobColumns } from './jobs-columns.tsx';
import { countsOf, isJobView, jobViews, mergeJobs, type JobsView } from './jobs-list.ts';

const MOST_JOBS = 500;

/** All jobs, newest first. The live snapshot keeps the newest ones live; older ones are asked for once. */
function useAllJobs() {
  const known = useSnapshot(selectJobs);
  const older = useQuery('jobs.list', (core) => core.jobs.list({ limit: MOST_JOBS }));
  const jobs = useMemo(() => mergeJobs(known, older.data?.jobs ?? []), [known, older.data]);
  return { jobs, older };
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords();
  if (isFiltered) return <EmptyState mark={{ icon: 'list-checks' }} title={words('jobs.page.list.none')} />;
  return (
    <EmptyState mark={{ icon: 'list-checks' }} title={words('jobs.page.list.empty')}>
      {words('jobs.page.list.emptySays')}
    </EmptyState>
  );
}

export function JobsPage() {
  const words = useWords();
  const title = words('jobs.page.list.title');
  usePageTitle(title);
  const { jobs, older } = useAllJobs();
  const [view, setView] = useState<JobsView>('all');
  const shown = useMemo(() => jobs.filter(jobViews[view]), [jobs, view]);
  const counts = countsOf(jobs);
  const columns = useJobColumns(shown.some(isJobActive));
  const isFirst = jobs.length === 0 && older.data === undefined;
  return (
    <Page width="fixed">
      <PageHead title={title} says={words('jobs.page.list.says')} />
      {older.failure !== undefined && (
        <div className="jobs-banner">
          <Banner
            state="warning"
            title={words('jobs.page.list.failed')}
            acts={<Button onClick={older.refresh}>{words('common.retry')}</Button>}
          >
            {sayFailure(words, older.failure)}
          </Banner>
        </div>
      )}
      <FilterBar
        label={words('jobs.page.list.view')}
        views={
          <Segments
            label={words('jobs.page.list.view')}
            value={view}
            onChange={(next) => isJobView(next) && setView(next)}
            segments={(['all', 'active', 'stopped', 'ended'] as const).map((id) => ({
              id,
              text: words(`jobs.page.list.${id}`),
              count: String(counts[id]),
            }))}
          />
        }
      >
        {null}
      </FilterBar>
      {isFirst && older.failure === undefined ? (
        <SkeletonRows widths={[90, 88, 92]} label={words('jobs.page.list.loading')} />
      ) : (
        <DataTable<JobView>
          label={words('jobs.page.list.label')}
          columns={columns}
          rowCount={shown.length}
          getRow={(index) => shown[index]}
          getRowId={(job) => job.id}
          rowState={(job) => (job.state === 'stopped' || job.state === 'failed' ? 'bad' : undefined)}
          onOpen={(job) => goTo(paths.job(job.id))}
          height="fill"
          empty={<Empty isFiltered={jobs.length > 0} />}
        />
      )}
    </Page>
  );
}
