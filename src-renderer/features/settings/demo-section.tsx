import { useState } from 'react';
import type { FarmView } from '#contract/api/settings.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { selectDemoStep, selectTotals, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { SettingRow } from '../../ui/setting-row.tsx';
import { Section } from './section.tsx';

/** The demo farm goes away without a trace: the name is typed, because nothing of it can be taken back. */
export function DemoSection({ farm }: { farm: FarmView }) {
  const words = useWords();
  const core = useCore();
  const instances = useSnapshot((snapshot) => selectTotals(snapshot)?.instances ?? 0);
  const isRemoving = useSnapshot((snapshot) => selectDemoStep(snapshot) === 'removing');
  const [isAsking, setAsking] = useState(false);
  const [left, setLeft] = useState<readonly string[]>([]);
  const remove = useCall((requestKey) => core.settings.removeDemo({ requestKey }));
  const confirm = (): void => {
    setAsking(false);
    void remove.run().then((answer) => {
      if (answer === undefined) return;
      refreshQueries('settings.');
      if (answer.left.length === 0) goTo(paths.firstRun);
      else setLeft(answer.left);
    });
  };
  return (
    <Section id="demo" title={words('settings.demo')} says={words('settings.demo.says')}>
      <SettingRow title={words('settings.demo.remove')} says={isRemoving || remove.isBusy ? words('settings.demo.removing') : undefined}>
        <Button look="danger" isBusy={isRemoving || remove.isBusy} onClick={() => setAsking(true)}>
          {words('settings.demo.remove')}
        </Button>
      </SettingRow>
      {remove.failure !== undefined && <Banner state="bad" title={sayFailure(words, remove.failure)} />}
      {left.length > 0 && (
        <Banner state="warning" title={words('settings.demo.left')}>
          {left.map((path) => (
            <div key={path} className="mono">
              {escapeText(path)}
            </div>
          ))}
        </Banner>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        isDanger
        title={words('settings.demo.removeTitle')}
        confirmText={words('settings.demo.removeConfirm')}
        keepText={words('settings.demo.removeKeep')}
        typed={{
          label: words('settings.demo.removeTyped', { name: farm.name }),
          name: farm.name,
          reason: words('settings.demo.removeReason'),
        }}
        onConfirm={confirm}
        onClose={() => setAsking(false)}
      >
        {words('settings.demo.removeSays', { instances })}
      </ConfirmDialog>
    </Section>
  );
}
