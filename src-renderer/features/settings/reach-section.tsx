import { useState } from 'react';
import type { PackageView } from '#contract/api/packages.ts';
import { sayFailure } from '../../lib/failure.ts';
import { sayAsks } from '../../lib/package-asks.ts';
import { useAgreement } from '../../lib/use-packages.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { SettingRow } from '../../ui/setting-row.tsx';
import { Section } from './section.tsx';

type Asked = { readonly of: PackageView; readonly verb: 'agree' | 'withdraw' };

/** Packages that ask to reach something on their server beside themselves, and what owners agreed. */
export function ReachSection({ packages, onChanged }: { packages: readonly PackageView[]; onChanged: () => void }) {
  const words = useWords();
  const [asked, setAsked] = useState<Asked>();
  const agreement = useAgreement(onChanged);
  const close = (): void => {
    agreement.clear();
    setAsked(undefined);
  };
  const confirm = async ({ of, verb }: Asked): Promise<void> => {
    if ((await agreement.run(of, verb)) === true) close();
  };
  return (
    <Section id="reach" title={words('settings.reach')} says={words('settings.reach.says')}>
      {packages.map((one) => {
        if (one.network === undefined) return null;
        const verb = one.network.isAgreed ? 'withdraw' : 'agree';
        return (
          <SettingRow key={one.id} title={one.name} says={sayAsks(words, one.network).join(' ')}>
            <Button onClick={() => setAsked({ of: one, verb })}>{words(`packages.${verb}.button`)}</Button>
          </SettingRow>
        );
      })}
      {asked !== undefined && (
        <ConfirmDialog
          isOpen
          title={words(`packages.${asked.verb}.title`, { name: asked.of.name })}
          confirmText={words(`packages.${asked.verb}.confirm`, { name: asked.of.name })}
          keepText={words(`packages.${asked.verb}.keep`)}
          isDanger={asked.verb === 'withdraw'}
          isBusy={agreement.isBusy}
          onClose={close}
          onConfirm={() => void confirm(asked)}
        >
          <p>{words(`packages.${asked.verb}.says`, { name: asked.of.name })}</p>
          <ul>{asked.of.network !== undefined && sayAsks(words, asked.of.network).map((text) => <li key={text}>{text}</li>)}</ul>
          <p>{words(`packages.${asked.verb}.trust`)}</p>
          {agreement.failure !== undefined && <Banner state="bad" title={sayFailure(words, agreement.failure)} />}
        </ConfirmDialog>
      )}
    </Section>
  );
}
