import { useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import type { Translate } from '#words/translate.ts';
import { failureEvidence, sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { isInterrupted, jobTitle, sayCode } from '../../lib/say-job.ts';
import { useWords } from '../../lib/use-words.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Evidence } from '../../ui/fold.tsx';
import { Verdict } from '../../ui/verdict.tsx';
import { failureOf, stepNumber } from './job-words.ts';
import type { JobActs } from './use-job-acts.ts';

type Props = { readonly job: JobView; readonly acts: JobActs };

function stopTitle(words: Translate, job: JobView): string {
  const step = job.steps[stepNumber(job) - 1];
  if (step === undefined) return words('jobs.page.stop.unknown');
  const name = sayCode(words, `jobs.${job.type}.${step.name}.title`) ?? step.name;
  if (isInterrupted(job, step)) return words('jobs.page.stop.interrupted', { step: name });
  if (job.direction === 'forward') return sayCode(words, `jobs.${job.type}.${step.name}.failed`) ?? words('jobs.page.stop.unknown');
  return words('jobs.page.stop.title.back', { step: name });
}

function doesText(words: Translate, job: JobView): string {
  const step = stepNumber(job);
  if (job.direction === 'back') return words('jobs.page.stop.does.back', { step });
  return words(job.canUndo ? 'jobs.page.stop.does.both' : 'jobs.page.stop.does.continue', { step });
}

/** Continue and Undo everything: the two ways out of a job that stands still. Undoing asks once, because it takes things away. */
function TwoButtons({ job, acts }: Props) {
  const words = useWords();
  const [isAsking, setAsking] = useState(false);
  const { name } = job.subject;
  return (
    <>
      <Button look="primary" size="large" isBusy={acts.continue.isBusy} onClick={acts.continue.run}>
        {words('jobs.page.act.continue')}
      </Button>
      {job.direction === 'forward' && (
        <Button
          look="danger"
          size="large"
          icon="undo-2"
          isBusy={acts.undo.isBusy}
          disabledReason={job.canUndo ? undefined : words('jobs.page.act.undoOff')}
          onClick={() => setAsking(true)}
        >
          {words('jobs.page.act.undo')}
        </Button>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={words('jobs.page.stop.alsoUndo')}
        confirmText={words('jobs.page.act.undo')}
        keepText={words('jobs.page.stop.keep')}
        isDanger={jobCatalogue[job.type].aim === 'makes'}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          acts.undo.run();
        }}
      >
        {sayCode(words, `jobs.page.stop.undo.${job.type}`, job.subject) ??
          words(job.type === 'create' ? 'jobs.page.stop.undoSays' : 'jobs.page.stop.undoRemoveSays', { name })}
      </ConfirmDialog>
    </>
  );
}

function Stopped({ job, acts }: Props) {
  const words = useWords();
  const failure = failureOf(job);
  return (
    <Verdict
      state="bad"
      title={stopTitle(words, job)}
      why={failure === undefined ? '' : sayFailure(words, failure)}
      acts={<TwoButtons job={job} acts={acts} />}
      actsSay={doesText(words, job)}
      {...(failure !== undefined && {
        evidence: { title: words('jobs.page.evidence'), content: <Evidence>{failureEvidence(failure)}</Evidence> },
      })}
    />
  );
}

function Held({ job, acts }: Props) {
  const words = useWords();
  return (
    <Verdict
      state="paused"
      title={words('jobs.page.held.title')}
      why={words('jobs.page.held.says')}
      acts={<TwoButtons job={job} acts={acts} />}
      actsSay={doesText(words, job)}
    />
  );
}

/** To what it was about, where that is there now; else to where such things are listed. */
function Onward({ job, isThere }: { job: JobView; isThere: boolean }) {
  const words = useWords();
  const { kind, name } = job.subject;
  const isServer = kind === 'server';
  if (!isThere) {
    return (
      <Button size="large" href={isServer ? paths.servers : paths.instances}>
        {words(isServer ? 'jobs.page.act.toServers' : 'jobs.page.act.back')}
      </Button>
    );
  }
  return (
    <Button look="primary" size="large" icon="arrow-right" href={isServer ? paths.server(name) : paths.instance(name)}>
      {words('jobs.page.act.open', { name })}
    </Button>
  );
}

function Done({ job }: { job: JobView }) {
  const words = useWords();
  return (
    <Verdict
      state="good"
      title={sayCode(words, `jobs.page.done.${job.type}`, job.subject) ?? jobTitle(words, job)}
      why={sayCode(words, `jobs.page.done.${job.type}Says`, job.subject) ?? ''}
      acts={<Onward job={job} isThere={jobCatalogue[job.type].aim !== 'takes-away'} />}
    />
  );
}

function Undone({ job }: { job: JobView }) {
  const words = useWords();
  const undone = sayCode(words, `jobs.page.undone.${job.type}`, job.subject);
  return (
    <Verdict
      state="paused"
      title={words('jobs.page.undone.title')}
      // what it undid itself for comes first
      why={[job.failure && sayFailure(words, job.failure), undone].filter((text) => text !== undefined).join(' ')}
      acts={<Onward job={job} isThere={jobCatalogue[job.type].aim !== 'makes'} />}
    />
  );
}

/** What a job that stands still or has ended comes to; nothing while it runs. */
export function JobVerdict({ job, acts }: Props) {
  if (job.state === 'stopped') return <Stopped job={job} acts={acts} />;
  if (job.state === 'paused') return <Held job={job} acts={acts} />;
  if (job.state === 'done') return <Done job={job} />;
  return job.state === 'undone' ? <Undone job={job} /> : null;
}
