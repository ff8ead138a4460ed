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
import { GiveUp, mayGiveUp } from './give-up.tsx';
import { failureOf, stepNumber } from './job-words.ts';
import type { JobActs } from './use-job-acts.ts';

const aimOf = ({ type }: JobView) => jobCatalogue[type].aim;

/** Where the things of an area are: what a job did to one of them is seen there. */
const pageOf = ({ subject }: JobView): string =>
  ({ instance: paths.instances, server: paths.servers, certificate: paths.certificates, domain: paths.domains })[subject.kind];

const undoSays = {
  makes: 'jobs.page.stop.undoSays',
  'takes-away': 'jobs.page.stop.undoRemoveSays',
  changes: 'jobs.page.stop.undoChangesSays',
} as const;

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
  if (mayGiveUp(job))
    return [
      words('jobs.page.stop.does.giveUp'),
      ...(job.canUndo ? [words('jobs.page.stop.does.giveUpUndo', { name: job.subject.name })] : []),
    ].join(' ');
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
      {mayGiveUp(job) && <GiveUp job={job} act={acts.giveUp} />}
      <ConfirmDialog
        isOpen={isAsking}
        title={words('jobs.page.stop.alsoUndo')}
        confirmText={words('jobs.page.act.undo')}
        keepText={words('jobs.page.stop.keep')}
        isDanger={aimOf(job) === 'makes'}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          acts.undo.run();
        }}
      >
        {sayCode(words, `jobs.page.stop.undo.${job.type}`, job.subject) ??
          words(job.subject.kind === 'instance' ? undoSays[aimOf(job)] : 'jobs.page.stop.undoOtherSays', { name })}
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

function Paused({ job, acts }: Props) {
  const words = useWords();
  return (
    <Verdict
      state="paused"
      title={words('jobs.page.paused.title')}
      why={words('jobs.page.paused.says')}
      acts={<TwoButtons job={job} acts={acts} />}
      actsSay={doesText(words, job)}
    />
  );
}

/** The page of what a job was about, while that is there. */
function ToSubject({ job }: { job: JobView }) {
  const words = useWords();
  const { kind, name } = job.subject;
  const href = kind === 'instance' ? paths.instance(name) : kind === 'server' ? paths.server(name) : undefined;
  if (href === undefined) return <ToList job={job} />;
  return (
    <Button size="large" icon="arrow-right" href={href} {...(job.state === 'done' && { look: 'primary' as const })}>
      {words('jobs.page.act.open', { name })}
    </Button>
  );
}

function ToList({ job }: { job: JobView }) {
  const words = useWords();
  return (
    <Button size="large" href={pageOf(job)}>
      {words(`jobs.page.act.to.${job.subject.kind}`)}
    </Button>
  );
}

/** What it says of itself: words of its type where it has them, else what its last step came to. */
function doneWords(words: Translate, job: JobView): { readonly title: string; readonly why: string } {
  const { name } = job.subject;
  const last = job.steps.at(-1)?.name ?? '';
  return {
    title: sayCode(words, `jobs.page.done.${job.type}`, { name }) ?? jobTitle(words, job),
    why: sayCode(words, `jobs.page.done.${job.type}Says`, { name }) ?? sayCode(words, `jobs.${job.type}.${last}.done`) ?? '',
  };
}

function Done({ job }: { job: JobView }) {
  const { title, why } = doneWords(useWords(), job);
  const acts = aimOf(job) === 'takes-away' ? <ToList job={job} /> : <ToSubject job={job} />;
  return <Verdict state="good" title={title} why={why} acts={acts} />;
}

function Undone({ job }: { job: JobView }) {
  const words = useWords();
  const { name } = job.subject;
  const isMade = aimOf(job) === 'makes';
  const isInstance = job.subject.kind === 'instance';
  const undone =
    sayCode(words, `jobs.page.undone.${job.type}`, job.subject) ??
    (isInstance ? words(isMade ? 'jobs.page.undone.create' : 'jobs.page.undone.remove', { name }) : words('jobs.page.undone.otherSays'));
  return (
    <Verdict
      state="paused"
      title={words('jobs.page.undone.title')}
      // what it undid itself for comes first
      why={[job.failure && sayFailure(words, job.failure), undone].filter((text) => text !== undefined).join(' ')}
      acts={isMade ? <ToList job={job} /> : <ToSubject job={job} />}
    />
  );
}

/** It has ended: nobody is locked out, and what is to be done now is asked for anew. */
function Failed({ job }: { job: JobView }) {
  const words = useWords();
  const failure = failureOf(job);
  return (
    <Verdict
      state="bad"
      title={stopTitle(words, job)}
      why={failure === undefined ? '' : sayFailure(words, failure)}
      acts={<ToSubject job={job} />}
      actsSay={words('jobs.page.failed.does')}
      {...(failure !== undefined && {
        evidence: { title: words('jobs.page.evidence'), content: <Evidence>{failureEvidence(failure)}</Evidence> },
      })}
    />
  );
}

/** What a job that stands still or has ended comes to; nothing while it runs. */
export function JobVerdict({ job, acts }: Props) {
  if (job.state === 'stopped') return <Stopped job={job} acts={acts} />;
  if (job.state === 'paused') return <Paused job={job} acts={acts} />;
  if (job.state === 'done') return <Done job={job} />;
  if (job.state === 'failed') return <Failed job={job} />;
  return job.state === 'undone' ? <Undone job={job} /> : null;
}
