import { paths } from '../../lib/go-to.ts';
import { useWords } from '../../lib/use-words.ts';
import { selectDemoStep, useMirror } from '../../stores/mirror.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';

/** The demo farm is being made, or its start stopped: the desk is already here, and says so. */
export function DemoBanner() {
  const words = useWords();
  const step = useMirror(selectDemoStep);
  if (step === 'none' || step === 'ready') return null;
  const hasFailed = step === 'failed';
  return (
    <div className="desk-banner">
      <Banner
        state={hasFailed ? 'bad' : 'working'}
        title={words(hasFailed ? 'desk.demo.failed' : 'desk.demo.title')}
        acts={<Button href={paths.firstRun}>{words(hasFailed ? 'desk.demo.failedAct' : 'desk.demo.act')}</Button>}
      >
        {hasFailed ? undefined : words(`settings.demo.${step}`)}
      </Banner>
    </div>
  );
}
