import type { JobView } from '#contract/api/jobs.ts';
import { isJobActive } from '../../lib/say-job.ts';
import { useWords } from '../../lib/use-words.ts';
import { Fold } from '../../ui/fold.tsx';
import { Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { JobLeftovers } from './job-leftovers.tsx';
import { chosenOf, placementOf } from './placement-of.ts';

function Why({ job }: { job: JobView }) {
  const words = useWords();
  const options = placementOf(words, job);
  const chosen = chosenOf(job, options);
  if (chosen === undefined) return null;
  const others = options.filter((option) => option !== chosen);
  return (
    <Panel title={words('jobs.page.why', { server: chosen.serverName })} look="open">
      <p className="soft">{chosen.says}</p>
      {others.length > 0 && (
        <Fold title={words('jobs.page.whyAll', { count: others.length })}>
          <ul className="why-others">
            {others.map((option) => (
              <li key={option.serverName}>
                <b>{option.serverName}</b>
                <span>{option.says}</span>
              </li>
            ))}
          </ul>
        </Fold>
      )}
    </Panel>
  );
}

/** Beside the steps: what exists, why that server, and what a power cut would do. */
export function JobAside({ job }: { job: JobView }) {
  const words = useWords();
  return (
    <Stack>
      <JobLeftovers job={job} />
      <Why job={job} />
      {isJobActive(job) && (
        <Panel title={words('jobs.page.stops')} look="open">
          <p className="soft">{words('jobs.page.stopsSays')}</p>
        </Panel>
      )}
    </Stack>
  );
}
