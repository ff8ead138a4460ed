import { useEffect, useRef, useState } from 'react';
import type { FarmView } from '#contract/api/settings.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { useCall, type Call } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { refreshQueries } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { useLookStore } from '../../stores/look.ts';
import { selectDemoStep, selectFarm, useMirror } from '../../stores/mirror.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Steps } from '../../ui/steps.tsx';
import { Stopwatch } from '../../ui/stopwatch.tsx';
import { useLook } from '../../ui/look-context.ts';
import { demoOrder, demoPhases, type DemoStep } from './demo-steps.ts';

const phaseWords = { done: 'jobs.step.done', now: 'jobs.step.doing', waiting: 'jobs.step.waiting', failed: 'jobs.step.failed' } as const;

/** The step the core is in, and the newest one that was no failure. */
function useDemoStep(): { readonly step: DemoStep; readonly last: DemoStep } {
  const step = useMirror(selectDemoStep);
  const last = useRef<DemoStep>(step);
  if (step !== 'failed' && step !== 'none') last.current = step;
  return { step, last: last.current };
}

function FailedActs({ start, onBack }: { start: Call<[], FarmView>; onBack: () => void }) {
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
      <Banner state="bad" title={words('settings.demoStart.failed')}>
        {start.failure === undefined ? words('settings.demoStart.failedSays') : sayFailure(words, start.failure)}
      </Banner>
      <div className="row">
        <Button look="primary" size="large" isBusy={start.isBusy} onClick={() => void start.run()}>
          {words('settings.demoStart.again')}
        </Button>
        <Button look="danger" size="large" isBusy={remove.isBusy} onClick={clear}>
          {words('settings.demoStart.remove')}
        </Button>
      </div>
      <p className="soft">{words('settings.demoStart.againSays')}</p>
      {remove.failure !== undefined && <Banner state="bad" title={sayFailure(words, remove.failure)} />}
    </>
  );
}

/** The start of the demo farm, step by step; it goes on when the page is left. `isAsked`: the door was opened just now. */
export function DemoStart({ isAsked, onBack }: { isAsked: boolean; onBack: () => void }) {
  const words = useWords();
  const core = useCore();
  const language = useLookStore((look) => look.language);
  const { clock } = useLook();
  const [startedMs] = useState(clock);
  const { step, last } = useDemoStep();
  const hasFarm = useMirror((mirror) => selectFarm(mirror) !== undefined);
  const start = useCall((requestKey) => core.settings.startDemo({ requestKey, language }));
  const hasAsked = useRef(false);
  useEffect(() => {
    if (!isAsked || hasAsked.current) return;
    hasAsked.current = true;
    void start.run().then((farm) => {
      if (farm === undefined) return;
      refreshQueries('settings.');
      goTo(paths.desk);
    });
  }, [isAsked, start.run]);
  const hasFailed = step === 'failed' || start.failure !== undefined;
  const phases = demoPhases(hasFailed ? 'failed' : step === 'none' ? 'authorities' : step, last);
  // A window that was opened after the failure does not know at which step it was.
  const isPlaceKnown = last !== 'failed' && last !== 'none';
  const doneCount = phases.filter(({ phase }) => phase === 'done').length;
  return (
    <>
      <h1 tabIndex={-1}>{words('settings.demoStart.title')}</h1>
      <p className="lead">{words('settings.demoStart.lead')}</p>
      <div className="fr-form">
        {(!hasFailed || isPlaceKnown) && (
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
        {!hasFailed && hasFarm && (
          <div className="row">
            <Button href={paths.desk}>{words('settings.demoStart.open')}</Button>
          </div>
        )}
        {hasFailed && <FailedActs start={start} onBack={onBack} />}
      </div>
    </>
  );
}
