import type { DomainView } from '#contract/api/domains.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCore } from '../../lib/use-core.ts';
import { useJobCall } from '../../lib/use-job-call.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Stack } from '../../ui/page.tsx';
import { ActChanges } from './act-changes.tsx';

type Props = { readonly domain: DomainView; readonly others: readonly DomainView[]; readonly onClose: () => void };

/** What goes with a domain, and what stays; the core says whether somebody still needs it. */
export function RemoveDomain({ domain, others, onClose }: Props) {
  const words = useWords();
  const core = useCore();
  const remove = useJobCall((requestKey) => core.domains.remove({ requestKey, domainId: domain.id }));
  const [successor] = others.toSorted((one, other) => one.createdAtMs - other.createdAtMs);
  const confirm = (): void => {
    void remove.run().then((answer) => {
      if (answer === undefined) return;
      refreshQueries('domains.');
      refreshQueries('certificates.');
      onClose();
    });
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={words('domains.remove.title', { domain: domain.name })}
      confirmText={words('domains.remove.confirm', { domain: domain.name })}
      keepText={words('domains.remove.keep')}
      onConfirm={confirm}
      isBusy={remove.isBusy}
      isDanger
    >
      <Stack>
        <p>{words('domains.remove.says')}</p>
        <ActChanges act={{ type: 'remove-domain', domainId: domain.id }} />
        <p>
          {domain.dns.kind === 'builtin'
            ? words('domains.remove.zone.builtin')
            : words('domains.remove.zone.other', { server: escapeText(domain.dns.server) })}
        </p>
        {domain.isDefault && (
          <p>{successor === undefined ? words('domains.remove.last') : words('domains.remove.successor', { domain: successor.name })}</p>
        )}
        {remove.failure !== undefined && <Banner state="bad" title={sayFailure(words, remove.failure)} />}
      </Stack>
    </ConfirmDialog>
  );
}
