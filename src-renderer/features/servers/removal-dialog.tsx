import { type ReactNode, useRef } from 'react';
import type { ServerView } from '#contract/api/servers.ts';
import type { Failure } from '#contract/errors.ts';
import { untoldCodes } from '#contract/untold-codes.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Stack } from '../../ui/page.tsx';

export type RemovalDialogProps = {
  readonly server: ServerView;
  readonly title: string;
  readonly confirmText: string;
  /** The consequence. */
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly onGone: () => void;
};

/** Takes a server out of the farm; once its agent could not be told, the same button removes it all the same. */
export function RemovalDialog({ server, title, confirmText, children, onClose, onGone }: RemovalDialogProps) {
  const words = useWords();
  const core = useCore();
  const remove = useCall((requestKey, isGivenUp: boolean) => core.servers.remove({ requestKey, serverId: server.id, isGivenUp }));
  // While it is tried once more the reason stays: the button must not change its word under the pointer.
  const kept = useRef<Failure | undefined>(undefined);
  if (!remove.isBusy) kept.current = remove.failure;
  const failure = kept.current;
  const isUntold = failure !== undefined && untoldCodes.includes(failure.code);
  return (
    <ConfirmDialog
      isOpen
      isDanger
      title={title}
      confirmText={isUntold ? words('servers.remove.anyway') : confirmText}
      keepText={words('servers.remove.keep')}
      isBusy={remove.isBusy}
      onClose={onClose}
      onConfirm={() => void remove.run(isUntold).then((done) => done !== undefined && onGone())}
    >
      <Stack>
        {children}
        {failure !== undefined && (
          <Banner state="bad" title={sayFailure(words, failure)}>
            {isUntold ? words('servers.remove.untold', { name: server.name }) : undefined}
          </Banner>
        )}
      </Stack>
    </ConfirmDialog>
  );
}
