import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { useWords } from '../../lib/use-words.ts';
import { selectDemoFailure, selectDemoStep, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';

/** The demo farm is being made or removed, or that stopped: the desk is already here, and says so. */
export function DemoBanner() {
  const words = useWords();
  const step = useSnapshot(selectDemoStep);
  const kept = useSnapshot(selectDemoFailure);
  if (step === 'none' || step === 'ready') return null;
  if (step === 'failed')
    return (
      <div className="desk-banner">
        <Banner
          state="bad"
          title={words(kept?.act === 'remove' ? 'desk.demo.removeFailed' : 'desk.demo.failed')}
          acts={<Button href={paths.firstRun}>{words('desk.demo.failedAct')}</Button>}
        >
          {kept === undefined ? undefined : sayFailure(words, kept.failure)}
        </Banner>
      </div>
    );
  const isRemoval = step === 'removing';
  return (
    <div className="desk-banner">
      <Banner
        state="working"
        title={words(isRemoval ? 'settings.demo.removing' : 'desk.demo.title')}
        acts={<Button href={paths.firstRun}>{words('desk.demo.act')}</Button>}
      >
        {isRemoval ? undefined : words(`settings.demo.${step}`)}
      </Banner>
    </div>
  );
}
