import { lazy, Suspense, useEffect, useState } from 'react';
import { goTo, paths } from '../../lib/go-to.ts';
import { useQuery } from '../../lib/use-query.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useWords } from '../../lib/use-words.ts';
import { changeLook, useLookStore } from '../../stores/look.ts';
import { selectDemoStep, selectFarm, selectIsKnown, useSnapshot } from '../../stores/snapshot.ts';
import { Button } from '../../ui/button.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { FarmMark } from '../../ui/farm-mark.tsx';
import { demoChoiceOf } from './demo-choice.ts';
import { FirstRunChoices } from './first-run-choices.tsx';
import { FirstRunField } from './first-run-field.tsx';
import { LostLine } from './lost-line.tsx';
import './first-run.css';

// Behind the choices: fetched when one is made, so that the first page of all comes sooner.
const StartFarm = lazy(async () => ({ default: (await import('./start-farm.tsx')).StartFarm }));
const DemoStart = lazy(async () => ({ default: (await import('./demo-start.tsx')).DemoStart }));

type Shown = 'choices' | 'start' | 'demo';

function Foot() {
  const words = useWords();
  const language = useLookStore((look) => look.language);
  return (
    <footer className="fr-foot">
      <Button look="bare" icon="languages" onClick={() => changeLook({ language: language === 'en' ? 'ru' : 'en' })}>
        {words('settings.first.language')}
      </Button>
    </footer>
  );
}

/** A home with a farm needs no choice; a demo farm that is being made or stopped is watched to its end. */
function useLeave(shown: Shown): void {
  const isKnown = useSnapshot(selectIsKnown);
  const hasFarm = useSnapshot((snapshot) => selectFarm(snapshot) !== undefined);
  const demoStep = useSnapshot(selectDemoStep);
  const isBusy = demoStep !== 'none' && demoStep !== 'ready';
  useEffect(() => {
    if (isKnown && hasFarm && !isBusy && shown === 'choices') goTo(paths.desk);
  }, [isKnown, hasFarm, isBusy, shown]);
}

/** The four choices: the only page of a home without a farm. */
export function FirstRunPage() {
  const words = useWords();
  usePageTitle(words('common.product'));
  const demoStep = useSnapshot(selectDemoStep);
  const [chosen, setChosen] = useState<Shown>('choices');
  const settings = useQuery('settings.get', (core) => core.settings.get());
  const shown: Shown = demoStep !== 'none' && demoStep !== 'ready' ? 'demo' : chosen;
  useLeave(shown);
  return (
    <main className="fr">
      <section className="fr-left">
        <div className="fr-brand">
          <FarmMark />
          {words('common.product')}
        </div>
        <FirstRunField />
        <p>{words('settings.first.motto')}</p>
      </section>
      <section className="fr-right">
        <div className="fr-inner">
          <LostLine />
          {shown === 'choices' && (
            <FirstRunChoices demo={demoChoiceOf(settings.data)} onStart={() => setChosen('start')} onDemo={() => setChosen('demo')} />
          )}
          <Suspense fallback={<SkeletonRows label={words('common.loading.page')} />}>
            {shown === 'start' && <StartFarm home={settings.data?.home} onBack={() => setChosen('choices')} />}
            {shown === 'demo' && <DemoStart isAsked={chosen === 'demo'} onBack={() => setChosen('choices')} />}
          </Suspense>
        </div>
        <Foot />
      </section>
    </main>
  );
}
