import { useState } from 'react';
import type { DomainView } from '#contract/api/domains.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCore } from '../../lib/use-core.ts';
import { useCredentials } from '../../lib/use-credentials.ts';
import { useJobCall } from '../../lib/use-job-call.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { CredentialFields } from '../../ui/credential-fields.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { escapeText } from '../../ui/escape-text.ts';

/** The key of a name server, or another field, was changed there: the new one. Asked before it is saved; the old one stays until then. */
export function NewKeyDialog({ domain, onClose }: { domain: DomainView; onClose: () => void }) {
  const words = useWords();
  const core = useCore();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const credentials = useCredentials({
    kind: domain.dns.kind,
    kept: (field) => typed[field],
    keep: (field, text) => setTyped((before) => ({ ...before, [field]: text })),
    isWhole: false,
  });
  const update = useJobCall((requestKey, dns: Parameters<typeof core.domains.update>[0]['dns']) =>
    core.domains.update({ requestKey, domainId: domain.id, dns }),
  );
  const off = { good: undefined, missing: words('domains.key.off'), wrong: words('domains.key.off.wrong') };
  const reason = off[credentials.state];
  const submit = (): void => {
    if (reason !== undefined) return;
    void update.run({ ...credentials.values }).then((answer) => {
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
      <CredentialFields fields={credentials.fields} onChange={credentials.onChange} autoFocus />
      {update.failure !== undefined && <Banner state="bad" title={sayFailure(words, update.failure)} />}
    </Dialog>
  );
}
