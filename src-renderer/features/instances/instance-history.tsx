import type { InstanceView } from '#contract/api/instances.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { jobMark, jobTitle } from '../../lib/say-job.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Lines } from '../../ui/lines.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';

/** The jobs of this instance, newest first. */
export function InstanceHistory({ instance }: { instance: InstanceView }) {
  const words = useWords();
  const format = useFormat();
  const jobs = useQuery(`jobs.of.${instance.id}`, (core) => core.jobs.list({ subjectId: instance.id, limit: 50 }), { everyMs: 10_000 });
  const title = words('instances.page.history');
  if (jobs.data === undefined) {
    return (
      <Panel title={title} look="open">
        {jobs.failure === undefined ? (
          <SkeletonRows label={words('instances.page.history.loading')} />
        ) : (
          <Banner state="unknown" title={sayFailure(words, jobs.failure)} />
        )}
      </Panel>
    );
  }
  return (
    <Panel title={title} look="open">
      {jobs.data.jobs.length === 0 ? (
        <p className="soft">{words('instances.page.history.empty')}</p>
      ) : (
        <Lines
          label={title}
          lines={jobs.data.jobs.map((job) => ({
            id: job.id,
            mark: jobMark(job),
            word: words(`jobs.state.${job.state}`),
            text: (
              <a className="name" href={paths.job(job.id)}>
                {jobTitle(words, job)}
              </a>
            ),
            ...(job.endedAtMs !== undefined && { says: format.duration(job.endedAtMs - job.createdAtMs) }),
            end: <RelativeTime timeMs={job.createdAtMs} />,
          }))}
        />
      )}
    </Panel>
  );
}
