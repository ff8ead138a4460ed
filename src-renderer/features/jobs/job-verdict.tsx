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

function undoSaysOf({ type, subject }: JobView) {
  if (subject.kind !== 'instance') return 'jobs.page.stop.undoOtherSays';
  return type === 'create' ? 'jobs.page.stop.undoSays' : 'jobs.page.stop.undoRemoveSays';
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
        {words(undoSaysOf(job), { name })}
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

/** Where the things of an area are, for jobs whose subject is no instance. */
const pageOf = ({ subject }: JobView): string =>
  ({ instance: paths.instances, server: paths.servers, certificate: paths.certificates, domain: paths.domains })[subject.kind];

/** A job about something else than an instance: its title says what came of it. */
function EndedElsewhere({ job }: { job: JobView }) {
  const words = useWords();
  const isGone = jobCatalogue[job.type].aim === 'takes-away';
  const why = job.state === 'undone' ? 'jobs.page.undone.otherSays' : isGone ? 'jobs.page.done.removeSays' : 'jobs.page.done.otherSays';
  return (
    <Verdict
      state={job.state === 'done' ? 'good' : 'paused'}
      title={jobTitle(words, job)}
      why={words(why)}
      acts={
        <Button size="large" href={pageOf(job)}>
          {words(`jobs.page.act.to.${job.subject.kind}`)}
        </Button>
      }
    />
  );
}

function Failed({ job }: { job: JobView }) {
  const words = useWords();
  const failure = failureOf(job);
  return (
    <Verdict
      state="bad"
      title={jobTitle(words, job)}
      why={failure === undefined ? '' : sayFailure(words, failure)}
      actsSay={words('jobs.page.failed.says')}
      acts={
        <Button size="large" href={pageOf(job)}>
          {words(`jobs.page.act.to.${job.subject.kind}`)}
        </Button>
      }
      {...(failure !== undefined && {
        evidence: { title: words('jobs.page.evidence'), content: <Evidence>{failureEvidence(failure)}</Evidence> },
      })}
    />
  );
}

function Done({ job }: { job: JobView }) {
  const words = useWords();
  const { name } = job.subject;
  const isCreate = job.type === 'create';
  return (
    <Verdict
      state="good"
      title={words(isCreate ? 'jobs.page.done.create' : 'jobs.page.done.remove', { name })}
      why={words(isCreate ? 'jobs.page.done.createSays' : 'jobs.page.done.removeSays')}
      acts={
        isCreate ? (
          <Button look="primary" size="large" icon="arrow-right" href={paths.instance(name)}>
            {words('jobs.page.act.open', { name })}
          </Button>
        ) : (
          <Button size="large" href={paths.instances}>
            {words('jobs.page.act.back')}
          </Button>
        )
      }
    />
  );
}

function Undone({ job }: { job: JobView }) {
  const words = useWords();
  const { name } = job.subject;
  return (
    <Verdict
      state="paused"
      title={words('jobs.page.undone.title')}
      why={words(job.type === 'create' ? 'jobs.page.undone.create' : 'jobs.page.undone.remove', { name })}
      acts={
        <Button size="large" href={job.type === 'create' ? paths.instances : paths.instance(name)}>
          {job.type === 'create' ? words('jobs.page.act.back') : words('jobs.page.act.open', { name })}
        </Button>
      }
    />
  );
}

/** What a job that stands still or has ended comes to; nothing while it runs. */
export function JobVerdict({ job, acts }: Props) {
  if (job.state === 'stopped') return <Stopped job={job} acts={acts} />;
  if (job.state === 'paused') return <Held job={job} acts={acts} />;
  if (job.state === 'failed') return <Failed job={job} />;
  if (job.subject.kind !== 'instance' && (job.state === 'done' || job.state === 'undone')) return <EndedElsewhere job={job} />;
  if (job.state === 'done') return <Done job={job} />;
  return job.state === 'undone' ? <Undone job={job} /> : null;
}
