import { useState } from 'react';
import type { PackageView } from '#contract/api/packages.ts';
import { sayFailure } from '../../lib/failure.ts';
import { sayAsks } from '../../lib/package-asks.ts';
import { useAgreement } from '../../lib/use-packages.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';

export const isUnagreed = (application: PackageView | undefined): boolean => application?.network?.isAgreed === false;

/* The person wants an instance of a package that asks for more than others. First seen: that it asks, and that nothing is made before somebody who may
   agrees. What may go wrong: agreeing without knowing to what (each thing stands in words), or without the right to (said in the dialog). */

/** What a package asks to reach beside itself, and the agreement of an owner. */
export function WizardAsks({ application, onAgreed }: { application: PackageView; onAgreed: () => void }) {
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  const agreement = useAgreement(onAgreed);
  const { name, network } = application;
  if (network === undefined || network.isAgreed) return null;
  const close = (): void => {
    agreement.clear();
    setOpen(false);
  };
  return (
    <>
      <Banner
        state="warning"
        title={words('packages.notAgreed', { name })}
        acts={<Button onClick={() => setOpen(true)}>{words('packages.agree.open')}</Button>}
      >
        {words('packages.notAgreed.says')}
      </Banner>
      <ConfirmDialog
        isOpen={isOpen}
        title={words('packages.agree.title', { name })}
        confirmText={words('packages.agree.confirm', { name })}
        keepText={words('packages.agree.keep')}
        isBusy={agreement.isBusy}
        onClose={close}
        onConfirm={() => void agreement.run(application, 'agree').then((isDone) => isDone === true && close())}
      >
        <p>{words('packages.agree.says', { name })}</p>
        <ul>
          {sayAsks(words, network).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <p>{words('packages.agree.trust')}</p>
        {agreement.failure !== undefined && <Banner state="bad" title={sayFailure(words, agreement.failure)} />}
      </ConfirmDialog>
    </>
  );
}
