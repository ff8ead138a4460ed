import { useState } from 'react';
import type { ServerView } from '#contract/api/servers.ts';
import { keyWords } from '#words/key-words.ts';
import { useHost } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Button } from '../../ui/button.tsx';
import { CodeBox } from '../../ui/code-box.tsx';
import { KeyWords } from '../../ui/key-words.tsx';
import { Stack } from '../../ui/page.tsx';
import { codeLine } from './code-form.ts';
import { RemovalDialog } from './removal-dialog.tsx';
import { WholeKey } from './whole-key.tsx';

function TakeOut({ server, onClose, onGone }: { server: ServerView; onClose: () => void; onGone: () => void }) {
  const words = useWords();
  const { name, address } = server;
  return (
    <RemovalDialog
      server={server}
      title={words('servers.differ.title', { name })}
      confirmText={words('servers.differ.confirm', { name })}
      onClose={onClose}
      onGone={onGone}
    >
      <p>{words('servers.differ.says', { address })}</p>
      <p>{words('servers.differ.certificates')}</p>
    </RemovalDialog>
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
