import { useState } from 'react';
import type { DomainView } from '#contract/api/domains.ts';
import type { ServerId } from '#contract/ids.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCore } from '../../lib/use-core.ts';
import { useJobCall } from '../../lib/use-job-call.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Stack } from '../../ui/page.tsx';
import { SelectField } from '../../ui/select-field.tsx';

type Props = { readonly domain: DomainView; readonly onClose: () => void };

const done = (onClose: () => void) => (answer: unknown) => {
  if (answer === undefined) return;
  refreshQueries('domains.');
  onClose();
};

/** The farm's wildcard record: offered where one would do, once more where something is amiss (its server's addresses changed), and taken out. */
export function WildcardAct({ domain, isAdvised, isAmiss }: { domain: DomainView; isAdvised: boolean; isAmiss: boolean }) {
  const words = useWords();
  const [open, setOpen] = useState<'keep' | 'drop' | undefined>(undefined);
  const close = (): void => setOpen(undefined);
  const { wildcard } = domain;
  return (
    <>
      {(wildcard === undefined ? isAdvised : isAmiss || !wildcard.isRelied) && (
        <Button look="quiet" size="small" onClick={() => setOpen('keep')}>
          {words('domains.wildcard.keep')}
        </Button>
      )}
      {wildcard !== undefined && (
        <Button look="quiet" size="small" onClick={() => setOpen('drop')}>
          {words('domains.wildcard.drop')}
        </Button>
      )}
      {open === 'keep' && <KeepWildcard domain={domain} onClose={close} />}
      {open === 'drop' && <DropWildcard domain={domain} onClose={close} />}
    </>
  );
}

/** To which server the farm's one wildcard record is to lead. */
function KeepWildcard({ domain, onClose }: Props) {
  const words = useWords();
  const core = useCore();
  const servers = useQuery('servers.list', (client) => client.servers.list()).data?.servers ?? [];
  const [chosen, setChosen] = useState<string | null>(domain.wildcard?.serverId ?? null);
  const keep = useJobCall((requestKey, serverId: ServerId) => core.domains.keepWildcard({ requestKey, domainId: domain.id, serverId }));
  const server = servers.find(({ id }) => id === chosen) ?? servers[0];
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={words('domains.wildcard.keep.title', { domain: domain.name })}
      confirmText={words('domains.wildcard.keep.confirm', { domain: domain.name })}
      keepText={words('domains.wildcard.keep.not')}
      onConfirm={() => server !== undefined && void keep.run(server.id).then(done(onClose))}
      isBusy={keep.isBusy}
    >
      <Stack>
        <p>{words('domains.wildcard.keep.says', { domain: domain.name })}</p>
        <SelectField
          label={words('domains.wildcard.keep.server')}
          value={server?.id ?? ''}
          onChange={setChosen}
          options={servers.map(({ id, name }) => ({ id, text: name }))}
        />
        {keep.failure !== undefined && <Banner state="bad" title={sayFailure(words, keep.failure)} />}
      </Stack>
    </ConfirmDialog>
  );
}

/** What happens to those who are found by the wildcard before it goes. */
function DropWildcard({ domain, onClose }: Props) {
  const words = useWords();
  const core = useCore();
  const drop = useJobCall((requestKey) => core.domains.dropWildcard({ requestKey, domainId: domain.id }));
  const wildcard = domain.wildcard?.name ?? `*.${domain.name}`;
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={words('domains.wildcard.drop.title', { wildcard })}
      confirmText={words('domains.wildcard.drop.confirm', { wildcard })}
      keepText={words('domains.wildcard.drop.keep')}
      onConfirm={() => void drop.run().then(done(onClose))}
      isBusy={drop.isBusy}
    >
      <Stack>
        <p>{words('domains.wildcard.drop.says')}</p>
        {drop.failure !== undefined && <Banner state="bad" title={sayFailure(words, drop.failure)} />}
      </Stack>
    </ConfirmDialog>
  );
}
