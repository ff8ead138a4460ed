import { useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import type { FieldSays } from '../../ui/form-field.tsx';
import { TextField } from '../../ui/text-field.tsx';

const LEAST_LENGTH = 12;

/** Typed twice, because nobody can show it again. It leaves this dialog only towards the core. */
export function PassphraseDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const core = useCore();
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const add = useCall((requestKey, given: string) => core.settings.addPassphrase({ requestKey, passphrase: given }));
  const left = LEAST_LENGTH - passphrase.length;
  const differs = again !== '' && again !== passphrase;
  const hint: FieldSays =
    passphrase !== '' && left > 0
      ? { state: 'warning', text: words('settings.passphrase.short', { left }) }
      : { text: words('settings.passphrase.hint') };
  const reason =
    left > 0 ? words('settings.passphrase.short', { left }) : again !== passphrase ? words('settings.passphrase.differs') : undefined;
  const submit = (): void => {
    if (reason !== undefined) return;
    void add.run(passphrase).then((answer) => {
      if (answer === undefined) return;
      refreshQueries('settings.');
      onClose();
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words('settings.passphrase.title')}
      foot={
        <>
          <Button onClick={onClose}>{words('settings.passphrase.keep')}</Button>
          <Button look="primary" isBusy={add.isBusy} disabledReason={reason} onClick={submit}>
            {words('settings.passphrase.add')}
          </Button>
        </>
      }
    >
      <p className="soft">{words('settings.passphrase.says')}</p>
      <TextField
        label={words('settings.passphrase.label')}
        type="password"
        autoComplete="new-password"
        value={passphrase}
        onChange={setPassphrase}
        says={hint}
        autoFocus
      />
      <TextField
        label={words('settings.passphrase.again')}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={setAgain}
        says={differs ? { state: 'bad', text: words('settings.passphrase.differs') } : undefined}
      />
      {add.failure !== undefined && <Banner state="bad" title={sayFailure(words, add.failure)} />}
    </Dialog>
  );
}
