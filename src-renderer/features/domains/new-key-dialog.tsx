import { useState } from 'react';
import type { DomainView } from '#contract/api/domains.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCore } from '../../lib/use-core.ts';
import { useJobCall } from '../../lib/use-job-call.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { TextField } from '../../ui/text-field.tsx';

/** The key of a name server was changed there: its new one. Asked before it is saved; the old one stays until then. */
export function NewKeyDialog({ domain, onClose }: { domain: DomainView; onClose: () => void }) {
  const words = useWords();
  const core = useCore();
  const [apiKey, setApiKey] = useState('');
  const update = useJobCall((requestKey, given: string) =>
    core.domains.update({ requestKey, domainId: domain.id, dns: { apiKey: given } }),
  );
  const reason = apiKey.trim() === '' ? words('domains.key.off') : undefined;
  const submit = (): void => {
    if (reason !== undefined) return;
    void update.run(apiKey.trim()).then((answer) => {
      if (answer === undefined) return;
      refreshQueries('domains.');
      onClose();
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words('domains.key.title', { domain: domain.name })}
      foot={
        <>
          <Button onClick={onClose}>{words('domains.key.keep')}</Button>
          <Button look="primary" isBusy={update.isBusy} disabledReason={reason} onClick={submit}>
            {words('domains.key.save')}
          </Button>
        </>
      }
    >
      <p className="soft">{words('domains.key.says', { server: escapeText(domain.dns.server) })}</p>
      <TextField
        label={words('domains.powerdns.apiKey')}
        value={apiKey}
        onChange={setApiKey}
        icon="key-round"
        type="password"
        autoComplete="new-password"
        says={{ text: words('domains.powerdns.apiKey.hint') }}
        autoFocus
      />
      {update.failure !== undefined && <Banner state="bad" title={sayFailure(words, update.failure)} />}
    </Dialog>
  );
}
