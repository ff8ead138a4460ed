import { useState } from 'react';
import type { ServerView } from '#contract/api/servers.ts';
import { keyWords } from '#words/key-words.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { CodeBox } from '../../ui/code-box.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { KeyWords } from '../../ui/key-words.tsx';
import { Stack } from '../../ui/page.tsx';
import { codeLine } from './code-form.ts';
import { WholeKey } from './whole-key.tsx';

function TakeOut({ server, onClose, onGone }: { server: ServerView; onClose: () => void; onGone: () => void }) {
  const words = useWords();
  const core = useCore();
  const remove = useCall((requestKey) => core.servers.remove({ requestKey, serverId: server.id }));
  const { name, address } = server;
  return (
    <ConfirmDialog
      isOpen
      isDanger
      title={words('servers.differ.title', { name })}
      confirmText={words('servers.differ.confirm', { name })}
      keepText={words('servers.remove.keep')}
      isBusy={remove.isBusy}
      onClose={onClose}
      onConfirm={() => void remove.run().then((done) => done !== undefined && onGone())}
    >
      <Stack>
        <p>{words('servers.differ.says', { address })}</p>
        <p>{words('servers.differ.certificates')}</p>
        {remove.failure !== undefined && <Banner state="bad" title={sayFailure(words, remove.failure)} />}
      </Stack>
    </ConfirmDialog>
  );
}

/** Asks the person to look at the new server, and offers the one thing to do when it shows other words. */
export function KeyCheck({ server, onGone }: { server: ServerView; onGone: () => void }) {
  const words = useWords();
  const host = useHost();
  const [isAsking, setAsking] = useState(false);
  const { name } = server;
  return (
    <Stack>
      <h2 className="h">{words('servers.key.question')}</h2>
      <KeyWords words={keyWords(server.keyFingerprint)} label={words('servers.key.label', { name })} />
      <div>
        <p className="soft">{words('servers.key.where')}</p>
        <CodeBox
          text={codeLine}
          copyLabel={words('servers.add.where.copy')}
          copiedLabel={words('servers.page.copied')}
          onCopy={host.copyText}
        />
      </div>
      <Button onClick={() => setAsking(true)}>{words('servers.key.differ', { name })}</Button>
      <WholeKey server={server} />
      {isAsking && <TakeOut server={server} onClose={() => setAsking(false)} onGone={onGone} />}
    </Stack>
  );
}
