import { isEndedState, type JobView } from '#contract/api/jobs.ts';
import { isSmallJob } from '#contract/catalogue/jobs.ts';
import { paths } from '../../lib/go-to.ts';
import { jobMark, jobTitle } from '../../lib/say-job.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { selectJobs, useSnapshot } from '../../stores/snapshot.ts';
import { Lines } from '../../ui/lines.tsx';
import { SectionHead } from '../../ui/page.tsx';
import { Panel, PanelBody } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

const MOST = 5;

/** A farm restarts and suspends many times a day: of such small jobs only those that failed are told here. */
const isNews = (job: JobView): boolean => !isSmallJob(job.type) || job.state === 'failed';

/** The last jobs that ended. Nothing at all on a farm where none has. */
export function Lately() {
  const words = useWords();
  const format = useFormat();
  const jobs = useSnapshot(selectJobs);
  const ended = jobs.filter((job) => job.endedAtMs !== undefined && isEndedState(job.state) && isNews(job)).slice(0, MOST);
  if (ended.length === 0) return null;
  return (
    <>
      <SectionHead
        title={words('desk.lately.title')}
        says={words('desk.lately.says')}
        acts={
          <a className="link" href={paths.jobs}>
            {words('desk.lately.all')}
          </a>
        }
      />
      <Panel look="line" label={words('desk.lately.title')}>
        <PanelBody>
          <Lines
            label={words('desk.lately.label')}
            lines={ended.map((job) => {
              const endedAtMs = job.endedAtMs ?? job.createdAtMs;
              return {
                id: job.id,
                mark: job.state === 'undone' ? 'undone' : jobMark(job),
                word: words(`jobs.state.${job.state}`),
                text: (
                  <a className="name" href={paths.job(job.id)}>
                    {words('desk.lately.line', { title: jobTitle(words, job), duration: format.duration(endedAtMs - job.createdAtMs) })}
                  </a>
                ),
                end: <RelativeTime timeMs={endedAtMs} />,
              };
            })}
          />
        </PanelBody>
      </Panel>
    </>
  );
}
