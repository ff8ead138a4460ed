import { useState } from 'react';
import { isGoingBack, type JobView, type StepView, type Leftover } from '#contract/api/jobs.ts';
import type { PlacementCandidate } from '#contract/api/placement.ts';
import type { JobId } from '#contract/ids.ts';
import type { Translate } from '#words/translate.ts';
import { failureEvidence, sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import {
  isInterrupted,
  isJobActive,
  jobMark,
  jobShare,
  jobStepIndex,
  stepDurationMs,
  stepTitle,
  leftoverText,
  waitingText,
} from '../../lib/say-job.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { useLive } from '../../lib/use-live.ts';
import { useTitleInPlace } from '../../lib/focus-title.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { instanceId } from '#contract/ids.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Evidence, Fold } from '../../ui/fold.tsx';
import { type Line, Lines } from '../../ui/lines.tsx';
import { useLook } from '../../ui/look-context.ts';
import { Columns, Crumbs, Page, PageHead, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Steps, type StepPhase } from '../../ui/steps.tsx';
import { Stopwatch } from '../../ui/stopwatch.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Verdict } from '../../ui/verdict.tsx';
import { HandOverCard } from './hand-over-card.tsx';

/** What the form knew when its button was pressed. */
export type Begun = {
  readonly jobId: JobId;
  readonly name: string;
  readonly host: string;
  readonly customer: string | undefined;
  readonly chosen: PlacementCandidate | undefined;
};
type Props = { readonly begun: Begun; readonly onBack: () => void };

const phaseOf: Record<StepView['state'], StepPhase> = {
  waiting: 'waiting',
  doing: 'now',
  done: 'done',
  failed: 'failed',
  undoing: 'now',
  undone: 'undone',
  skipped: 'done',
};

function JobSteps({ job }: { job: JobView }) {
  const words = useWords();
  const format = useFormat();
  const now = useNow(isJobActive(job) ? 100 : null);
  return (
    <Steps
      label={words('wizard.running.steps')}
      steps={job.steps.map((step) => ({
        id: step.name,
        phase: phaseOf[step.state],
        word: words(`jobs.step.${step.state}`),
        title: stepTitle(words, job, step),
        duration: step.state === 'waiting' ? undefined : format.duration(stepDurationMs(step, now)),
        ...(step.waiting !== undefined &&
          (step.state === 'doing' || step.state === 'undoing') && { says: waitingText(words, format, step.waiting) }),
        ...(step.failure !== undefined && { says: sayFailure(words, step.failure) }),
      }))}
    />
  );
}

function traceState(words: Translate, { isPresent, failure }: Leftover): Pick<Line, 'mark' | 'word' | 'says'> {
  if (failure !== undefined) return { mark: 'unknown', word: words('common.state.unknown'), says: sayFailure(words, failure) };
  const mark = isPresent ? 'paused' : 'good';
  return { mark, word: words(`common.state.${mark}`) };
}

function Leftovers({ job, title, empty }: { job: JobView; title: string; empty: string }) {
  const words = useWords();
  return (
    <Panel title={title} look="open">
      {job.traces.length === 0 ? (
        <p className="soft">{empty}</p>
      ) : (
        <Lines
          label={title}
          lines={job.traces.map((leftover) => ({
            id: `${leftover.code} ${JSON.stringify(leftover.parameters)}`,
            ...traceState(words, leftover),
            text: leftoverText(words, leftover),
          }))}
        />
      )}
    </Panel>
  );
}

function Aside({ begun, job }: { begun: Begun; job: JobView }) {
  const words = useWords();
  const evidence = job.steps
    .filter((step) => step.startedAtMs !== undefined)
    .map(
      (step) =>
        `${new Date(step.startedAtMs ?? 0).toISOString().slice(11, 23)}  ${step.name} ${step.state}${step.attempts > 1 ? ` ×${step.attempts}` : ''}`,
    );
  return (
    <Stack>
      {begun.chosen !== undefined && (
        <Panel title={words('wizard.running.why', { server: begun.chosen.serverName })} look="open">
          <p className="soft">{words.say(`placement.reason.${begun.chosen.reason.code}`, begun.chosen.reason)}</p>
        </Panel>
      )}
      <Panel title={words('wizard.running.ifStops')} look="open">
        <p className="soft">{words('wizard.running.ifStopsSays')}</p>
      </Panel>
      <Panel>
        <Fold title={words('wizard.running.evidence')}>
          <Evidence>{evidence.join('\n')}</Evidence>
        </Fold>
      </Panel>
    </Stack>
  );
}

function Clock({ job }: { job: JobView }) {
  const words = useWords();
  const format = useFormat();
  const steps = job.steps.length;
  const step = Math.min(steps, Math.max(0, jobStepIndex(job)) + 1);
  return (
    <>
      <div className="job-clock">
        <Stopwatch startedMs={job.createdAtMs} endedMs={job.endedAtMs} label={words('wizard.running.time')} />
        {isJobActive(job) && (
          <p>
            {job.usuallyMs === undefined
              ? words('wizard.running.leave')
              : words('wizard.running.usually', { duration: format.duration(job.usuallyMs) })}
          </p>
        )}
      </div>
      <Progress share={jobShare(job)} label={words('wizard.running.progress', { step, steps })} />
    </>
  );
}

function StoppedVerdict({ job }: { job: JobView }) {
  const words = useWords();
  const core = useCore();
  const goOn = useCall((requestKey) => core.jobs.continue({ requestKey, jobId: job.id }));
  const undo = useCall((requestKey) => core.jobs.undo({ requestKey, jobId: job.id }));
  const step = job.steps[Math.max(0, jobStepIndex(job))];
  const failure = job.failure ?? step?.failure;
  const refused = goOn.failure ?? undo.failure;
  const titleIn = (state: StepView['state']): string => (step === undefined ? '' : stepTitle(words, job, { ...step, state }));
  const title =
    step === undefined
      ? words('wizard.stopped.title', { name: job.subject.name })
      : isInterrupted(job, step)
        ? words('jobs.page.stop.interrupted', { step: titleIn('waiting') })
        : titleIn('failed');
  return (
    <>
      <Verdict
        state={job.state === 'paused' ? 'paused' : 'bad'}
        title={title}
        why={failure === undefined ? words(`jobs.state.${job.state}`) : sayFailure(words, failure)}
        acts={
          <>
            <Button look="primary" size="large" isBusy={goOn.isBusy} onClick={() => void goOn.run()}>
              {words('wizard.stopped.continue')}
            </Button>
            {job.canUndo && (
              <Button look="danger" size="large" icon="undo-2" isBusy={undo.isBusy} onClick={() => void undo.run()}>
                {words('wizard.stopped.undo')}
              </Button>
            )}
          </>
        }
        actsSay={
          isGoingBack(job) || step === undefined
            ? words('wizard.stopped.actsSayBack')
            : words('wizard.stopped.actsSay', { step: stepTitle(words, job, { ...step, state: 'waiting' }) })
        }
        {...(failure !== undefined && {
          evidence: { title: words('common.evidence'), content: <Evidence>{failureEvidence(failure)}</Evidence> },
        })}
      />
      {refused !== undefined && <Banner state="bad" title={sayFailure(words, refused)} />}
    </>
  );
}

function StopAndUndo({ job }: { job: JobView }) {
  const words = useWords();
  const core = useCore();
  const [isAsked, setAsked] = useState(false);
  // Stopping comes first; when the step has really stopped the job is undone. Each half may be repeated.
  const stop = useCall(async (requestKey) => {
    await core.jobs.cancel({ requestKey: `${requestKey}-cancel`, jobId: job.id });
    return core.jobs.undo({ requestKey: `${requestKey}-undo`, jobId: job.id });
  });
  return (
    <>
      <Button icon="undo-2" onClick={() => setAsked(true)}>
        {words('wizard.running.stop')}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        isDanger
        title={words('wizard.running.stopTitle', { name: job.subject.name })}
        confirmText={words('wizard.running.stop')}
        keepText={words('wizard.running.stopKeep')}
        isBusy={stop.isBusy}
        onClose={() => setAsked(false)}
        onConfirm={() => void stop.run().then((done) => done !== undefined && setAsked(false))}
      >
        <p>{words('wizard.running.stopSays')}</p>
        {stop.failure !== undefined && <Banner state="bad" title={sayFailure(words, stop.failure)} />}
      </ConfirmDialog>
    </>
  );
}

function titleOf(words: ReturnType<typeof useWords>, job: JobView): string {
  const { name } = job.subject;
  if (job.state === 'undone') return words('wizard.undone.title', { name });
  if (isGoingBack(job)) return words('wizard.undoing.title', { name });
  return job.state === 'stopped' || job.state === 'paused'
    ? words('wizard.stopped.title', { name })
    : words('wizard.running.title', { name });
}

function Underway({ begun, job, isCut, onBack }: Props & { job: JobView; isCut: boolean }) {
  const words = useWords();
  const isStopped = job.state === 'stopped' || job.state === 'paused';
  useTitleInPlace(titleOf(words, job));
  const where = words('wizard.running.says', {
    host: begun.host,
    customer: begun.customer ?? 'none',
    server: begun.chosen?.serverName ?? 'none',
  });
  return (
    <Page>
      <PageHead
        crumbs={[{ text: words('instances.list.title'), href: paths.instances }, { text: words('wizard.crumb') }]}
        crumbsLabel={words('wizard.crumbs')}
        title={titleOf(words, job)}
        {...(isStopped && { chip: <StateChip state={jobMark(job)}>{words(`jobs.state.${job.state}`)}</StateChip> })}
        says={
          isStopped
            ? `${where}. ${words('wizard.stopped.says', { step: Math.max(0, jobStepIndex(job)) + 1, steps: job.steps.length })}`
            : where
        }
        acts={isJobActive(job) && !isGoingBack(job) && job.canUndo ? <StopAndUndo job={job} /> : undefined}
      />
      <Columns>
        <Stack>
          {isCut && <Banner state="unknown" title={words('wizard.running.lost')} />}
          {isStopped && <StoppedVerdict job={job} />}
          {job.state === 'undone' && (
            <Panel>
              <p className="soft">{words('wizard.undone.says')}</p>
              <div className="row">
                <Button look="primary" onClick={onBack}>
                  {words('wizard.undone.again')}
                </Button>
              </div>
            </Panel>
          )}
          <Panel>
            {!isStopped && <Clock job={job} />}
            <JobSteps job={job} />
          </Panel>
        </Stack>
        {isStopped ? (
          <Leftovers job={job} title={words('wizard.stopped.exists')} empty={words('wizard.stopped.nothing')} />
        ) : job.state === 'undone' ? (
          <Leftovers job={job} title={words('wizard.undone.proof')} empty={words('wizard.stopped.nothing')} />
        ) : (
          <Aside begun={begun} job={job} />
        )}
      </Columns>
    </Page>
  );
}

/** The job of a new instance in the page that began it: steps, then the hand-over card, or the verdict where it stopped. */
export function CreateProgress({ begun, first, onBack }: Props & { readonly first: JobView }) {
  const words = useWords();
  const { clock } = useLook();
  const live = useLive(`jobs.watch.${begun.jobId}`, (core, options) => core.jobs.watch({ jobId: begun.jobId }, options));
  const job = live.value ?? first;
  usePageTitle(titleOf(words, job));
  if (job.state !== 'done')
    return <Underway begun={begun} job={job} onBack={onBack} isCut={live.state.kind === 'waiting' || live.state.kind === 'refused'} />;
  return (
    <Page>
      <Crumbs
        label={words('wizard.crumbs')}
        crumbs={[
          { text: words('instances.list.title'), href: paths.instances },
          { text: begun.name, href: paths.instance(begun.name) },
        ]}
      />
      <HandOverCard
        instanceId={instanceId.parse(job.subject.id)}
        name={begun.name}
        customer={begun.customer}
        tookMs={(job.endedAtMs ?? clock()) - job.createdAtMs}
        onLeave={() => goTo(paths.instance(begun.name))}
      />
    </Page>
  );
}
