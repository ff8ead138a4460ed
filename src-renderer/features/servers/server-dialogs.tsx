import { useEffect, useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { endOfJob } from '../../lib/end-of-job.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import type { FieldSays } from '../../ui/form-field.tsx';
import { TextAreaField, TextField } from '../../ui/text-field.tsx';
import { addressesFrom } from './public-addresses.ts';
import { RemovalDialog } from './removal-dialog.tsx';

export type ServerDialog = 'none' | 'drain' | 'rename' | 'addresses' | 'remove';
type Props = { readonly server: ServerView; readonly others: readonly ServerView[]; readonly onClose: () => void };

function Failed({ failure }: { failure: Parameters<typeof sayFailure>[1] | undefined }) {
  const words = useWords();
  return failure === undefined ? null : <Banner state="bad" title={sayFailure(words, failure)} />;
}

function Drain({ server, onClose }: Props) {
  const words = useWords();
  const core = useCore();
  const drain = useCall((requestKey) => core.servers.update({ requestKey, serverId: server.id, isDraining: true }));
  const { name } = server;
  return (
    <ConfirmDialog
      isOpen
      title={words('servers.drain.title', { name })}
      confirmText={words('servers.drain.confirm', { name })}
      keepText={words('servers.drain.keep')}
      isBusy={drain.isBusy}
      onClose={onClose}
      onConfirm={() => void drain.run().then((done) => done !== undefined && onClose())}
    >
      {words('servers.drain.says', { name, instances: server.field.length })}
      <Failed failure={drain.failure} />
    </ConfirmDialog>
  );
}

function Remove({ server, onClose }: Props) {
  const words = useWords();
  const { name } = server;
  return (
    <RemovalDialog
      server={server}
      title={words('servers.remove.title', { name })}
      confirmText={words('servers.remove.confirm', { name })}
      onClose={onClose}
      onGone={() => goTo(paths.servers)}
    >
      <p>{words('servers.remove.says')}</p>
    </RemovalDialog>
  );
}

function Rename({ server, others, onClose }: Props) {
  const words = useWords();
  const core = useCore();
  const [name, setName] = useState(server.name);
  const rename = useCall((requestKey, to: string) => core.servers.update({ requestKey, serverId: server.id, name: to }));
  const wanted = name.trim();
  const isTaken = others.some((other) => other.name.toLowerCase() === wanted.toLowerCase());
  const problem = wanted === '' ? words('servers.rename.empty') : isTaken ? words('servers.rename.taken', { name: wanted }) : undefined;
  const submit = (): void => {
    if (problem !== undefined) return;
    void rename.run(wanted).then((done) => {
      if (done === undefined) return;
      onClose();
      goTo(paths.server(done.name));
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words('servers.rename.title', { name: server.name })}
      foot={
        <>
          <Button onClick={onClose}>{words('servers.rename.keep', { name: server.name })}</Button>
          <Button look="primary" isBusy={rename.isBusy} disabledReason={problem} onClick={submit}>
            {words('servers.rename.confirm')}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={words('servers.rename.label')}
          value={name}
          onChange={setName}
          autoFocus
          says={problem === undefined ? { text: words('servers.rename.says') } : { state: 'bad', text: problem }}
        />
      </form>
      <Failed failure={rename.failure} />
    </Dialog>
  );
}

function Addresses({ server, onClose }: Props) {
  const words = useWords();
  const core = useCore();
  const [text, setText] = useState(() => server.publicAddresses.map(({ address }) => address).join('\n'));
  const [job, setJob] = useState<JobView>();
  const confirm = useCall(
    async (requestKey, publicAddresses: string[]) =>
      (await endOfJob(core, await core.servers.address({ requestKey, serverId: server.id, publicAddresses }), setJob)).job,
  );
  const { addresses, failure, notFromOutside } = addressesFrom(text);
  const problem = failure === undefined ? undefined : sayFailure(words, failure);
  const warning =
    notFromOutside.length === 0
      ? undefined
      : words('servers.addresses.reach', { addresses: notFromOutside.join(', '), count: notFromOutside.length });
  const says: FieldSays | undefined =
    problem !== undefined ? { state: 'bad', text: problem } : warning !== undefined ? { state: 'warning', text: warning } : undefined;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words('servers.addresses.title', { name: server.name })}
      foot={
        <>
          <Button onClick={onClose}>{words('servers.addresses.keep')}</Button>
          <Button
            look="primary"
            isBusy={confirm.isBusy}
            disabledReason={problem}
            onClick={() => void confirm.run([...addresses]).then((settled) => settled?.state === 'done' && onClose())}
          >
            {words('servers.addresses.confirm')}
          </Button>
        </>
      }
    >
      <p className="soft">{words('servers.addresses.says')}</p>
      <TextAreaField label={words('servers.addresses.label')} value={text} onChange={setText} isMono says={says} />
      <Failed failure={confirm.isBusy ? undefined : (confirm.failure ?? job?.failure)} />
      {!confirm.isBusy && job?.state === 'stopped' && <Button href={paths.job(job.id)}>{words('servers.add.stopped.job')}</Button>}
    </Dialog>
  );
}

/** The dialogs of a server's page; one at a time, and each is made anew, so that nothing typed before waits in it. */
export function ServerDialogs({ which, ...props }: Props & { readonly which: ServerDialog }) {
  const { onClose } = props;
  useEffect(
    () => (which === 'remove' && props.server.field.length > 0 ? onClose() : undefined),
    [which, props.server.field.length, onClose],
  );
  if (which === 'drain') return <Drain {...props} />;
  if (which === 'rename') return <Rename {...props} />;
  if (which === 'addresses') return <Addresses {...props} />;
  return which === 'remove' ? <Remove {...props} /> : null;
}
