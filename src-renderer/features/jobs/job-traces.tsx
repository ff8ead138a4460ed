import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { traceText } from '../../lib/say-job.ts';
import { useWords } from '../../lib/use-words.ts';
import { Lines } from '../../ui/lines.tsx';
import { Panel, PanelBody } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { witnessText } from './job-words.ts';

/**
 * What exists because of a job, or is proved gone: each with who saw it and when. For a removal that is done, what is gone is the good
 * news; everywhere else it is only said quietly.
 */
export function JobTraces({ job }: { job: JobView }) {
  const words = useWords();
  const isProof = (jobCatalogue[job.type].aim === 'takes-away' && job.state === 'done') || job.state === 'undone';
  const title = words(isProof ? 'jobs.page.proof' : 'jobs.page.exists');
  const isKnown = job.traces.length > 0;
  if (!isKnown && (job.state === 'running' || job.state === 'pausing' || job.state === 'undoing' || job.state === 'done')) return null;
  return (
    <Panel title={title}>
      <PanelBody>
        {isKnown ? (
          <Lines
            label={title}
            lines={job.traces.map((trace, index) => ({
              id: `${trace.code} ${index}`,
              mark: isProof ? (trace.isPresent ? 'warning' : 'good') : trace.isPresent ? 'good' : 'undone',
              word: words(trace.isPresent ? 'jobs.page.exists.present' : 'jobs.page.exists.absent'),
              text: traceText(words, trace),
              end: <RelativeTime timeMs={trace.checkedAtMs} witness={words('common.by', { name: witnessText(words, trace) })} />,
            }))}
          />
        ) : (
          <p className="soft">{words('jobs.page.exists.none')}</p>
        )}
      </PanelBody>
    </Panel>
  );
}
