import type { JobView, Leftover } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { sayFailure } from '../../lib/failure.ts';
import { leftoverText } from '../../lib/say-job.ts';
import { useWords } from '../../lib/use-words.ts';
import { Lines } from '../../ui/lines.tsx';
import { Panel, PanelBody } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import type { MarkState } from '../../ui/types.ts';
import { vantagePointText } from './job-words.ts';

const markOf = ({ isPresent }: Leftover, isProof: boolean): MarkState =>
  isProof ? (isPresent ? 'warning' : 'good') : isPresent ? 'good' : 'undone';

/**
 * What exists because of a job, or is proved gone: each with who saw it and when. For a removal that is done, what is gone is the good
 * news; everywhere else it is only said quietly. What nobody could be asked about is unknown, and says why.
 */
export function JobLeftovers({ job }: { job: JobView }) {
  const words = useWords();
  const isProof = (jobCatalogue[job.type].aim === 'takes-away' && job.state === 'done') || job.state === 'undone';
  const title = words(isProof ? 'jobs.page.proof' : 'jobs.page.exists');
  const isKnown = job.traces.length > 0;
  if (
    !isKnown &&
    (job.state === 'running' || job.state === 'pausing' || job.state === 'undoing' || job.state === 'done' || job.state === 'failed')
  )
    return null;
  return (
    <Panel title={title}>
      <PanelBody>
        {isKnown ? (
          <Lines
            label={title}
            lines={job.traces.map((leftover, index) => ({
              id: `${leftover.code} ${index}`,
              ...(leftover.failure === undefined
                ? {
                    mark: markOf(leftover, isProof),
                    word: words(leftover.isPresent ? 'jobs.page.exists.present' : 'jobs.page.exists.absent'),
                  }
                : { mark: 'unknown' as const, word: words('jobs.page.exists.unknown'), says: sayFailure(words, leftover.failure) }),
              text: leftoverText(words, leftover),
              end: (
                <RelativeTime
                  timeMs={leftover.checkedAtMs}
                  vantagePoint={words('common.by', { name: vantagePointText(words, leftover) })}
                />
              ),
            }))}
          />
        ) : (
          <p className="soft">{words('jobs.page.exists.none')}</p>
        )}
      </PanelBody>
    </Panel>
  );
}
