import { useCallback, useEffect, useRef, useState } from 'react';
import type { DemoFailure } from '#contract/api/settings.ts';
import type { Failure } from '#contract/errors.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { useLookStore } from '../../stores/look.ts';
import { selectDemoFailure, selectDemoStep, selectFarm, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Steps } from '../../ui/steps.tsx';
import { Stopwatch } from '../../ui/stopwatch.tsx';
import { useLook } from '../../ui/look-context.ts';
import { demoOrder, demoPhases, type DemoStep } from './demo-steps.ts';

const phaseWords = { done: 'jobs.step.done', now: 'jobs.step.doing', waiting: 'jobs.step.waiting', failed: 'jobs.step.failed' } as const;

/** The step the core is in, and the newest one that was no failure: the core says it, and an older one does not. */
function useDemoStep(): { readonly step: DemoStep; readonly last: DemoStep; readonly kept: DemoFailure | undefined } {
  const step = useSnapshot(selectDemoStep);
  const kept = useSnapshot(selectDemoFailure);
  const last = useRef<DemoStep>(step);
  if (step !== 'failed' && step !== 'none') last.current = step;
  return { step, last: kept?.step ?? last.current, kept };
}

type FailedProps = {
  readonly failure: Failure | undefined;
  readonly hasStart: boolean;
  readonly isStarting: boolean;
  readonly onAgain: () => void;
  readonly onBack: () => void;
};

/** Every window says the same: what stopped is the core's, not of the window that asked. */
function FailedActs({ failure, hasStart, isStarting, onAgain, onBack }: FailedProps) {
  const words = useWords();
  const core = useCore();
  const remove = useCall((requestKey) => core.settings.removeDemo({ requestKey }));
  const clear = (): void => {
    void remove.run().then((answer) => {
      if (answer === undefined) return;
      refreshQueries('settings.');
      onBack();
    });
  };
  return (
    <>
      <Banner state="bad" title={words(hasStart ? 'settings.demoStart.failed' : 'settings.demoStart.removeFailed')}>
        {failure === undefined ? words('settings.demoStart.failedSays') : sayFailure(words, failure)}
      </Banner>
      <div className="row">
        {hasStart && (
          <Button look="primary" size="large" isBusy={isStarting} onClick={onAgain}>
            {words('settings.demoStart.again')}
          </Button>
        )}
        <Button look="danger" size="large" isBusy={remove.isBusy} onClick={clear}>
          {words('settings.demoStart.remove')}
        </Button>
      </div>
      {hasStart && <p className="soft">{words('settings.demoStart.againSays')}</p>}
      {remove.failure !== undefined && <Banner state="bad" title={sayFailure(words, remove.failure)} />}
    </>
  );
}

/** The start of the demo farm, step by step; it goes on when the page is left. `isAsked`: it was chosen just now. */
export function DemoStart({ isAsked, onBack }: { isAsked: boolean; onBack: () => void }) {
  const words = useWords();
  const core = useCore();
  const language = useLookStore((look) => look.language);
  const { clock } = useLook();
  const [startedMs] = useState(clock);
  const { step, last, kept } = useDemoStep();
  const hasFarm = useSnapshot((snapshot) => selectFarm(snapshot) !== undefined);
  const start = useCall((requestKey) => core.settings.startDemo({ requestKey, language }));
  const hasAsked = useRef(false);
  const { run } = start;
  const ask = useCallback((): void => {
    void run().then((farm) => {
      if (farm === undefined) return;
      refreshQueries('settings.');
      goTo(paths.desk);
    });
  }, [run]);
  useEffect(() => {
    if (!isAsked || hasAsked.current) return;
    hasAsked.current = true;
    ask();
  }, [isAsked, ask]);
  // What the core says counts, for it may have been tried again elsewhere; a call that it never began it knows nothing of.
  const hasFailed = step === 'failed' || (step === 'none' && start.failure !== undefined);
  const isRemoval = step === 'removing' || kept?.act === 'remove';
  const phases = demoPhases(hasFailed ? 'failed' : step === 'none' ? 'authorities' : step, last);
  const isPlaceKnown = last !== 'failed' && last !== 'none';
  const doneCount = phases.filter(({ phase }) => phase === 'done').length;
  return (
    <>
      <h1 tabIndex={-1}>{words(isRemoval ? 'settings.demo.removing' : 'settings.demoStart.title')}</h1>
      {!isRemoval && !hasFailed && <p className="lead">{words('settings.demoStart.lead')}</p>}
      <div className="fr-form">
        {!isRemoval && (!hasFailed || isPlaceKnown) && (
          <Panel>
            {!hasFailed && (
              <>
                <div className="job-clock">
                  <Stopwatch startedMs={startedMs} label={words('settings.demoStart.clock')} />
                  <p>{words(`settings.demo.${step}`)}</p>
                </div>
                <Progress share={doneCount / demoOrder.length} label={words('settings.demoStart.steps')} />
              </>
            )}
            <Steps
              label={words('settings.demoStart.steps')}
              steps={phases.map(({ id, phase }) => ({ id, phase, word: words(phaseWords[phase]), title: words(`settings.demo.${id}`) }))}
            />
          </Panel>
        )}
        {!hasFailed && !isRemoval && hasFarm && (
          <div className="row">
            <Button href={paths.desk}>{words('settings.demoStart.open')}</Button>
          </div>
        )}
        {hasFailed && (
          <FailedActs
            failure={kept?.failure ?? start.failure}
            hasStart={!isRemoval}
            isStarting={start.isBusy}
            onAgain={ask}
            onBack={onBack}
          />
        )}
      </div>
    </>
  );
}
