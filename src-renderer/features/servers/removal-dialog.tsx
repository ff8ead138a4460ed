import { type ReactNode, useRef, useState } from 'react';
import { isGoingBack, type JobView } from '#contract/api/jobs.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { Failure } from '#contract/errors.ts';
import { untoldCodes } from '#contract/untold-codes.ts';
import { sayFailure } from '../../lib/failure.ts';
import { endOfJob } from '../../lib/end-of-job.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Stack } from '../../ui/page.tsx';
import { ActChanges } from './act-changes.tsx';

export type RemovalDialogProps = {
  readonly server: ServerView;
  readonly title: string;
  readonly confirmText: string;
  /** The consequence. */
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly onGone: () => void;
};

/**
 * Takes a server out of the farm; once its agent could not be told, the same button removes it all the same. Who keeps it then takes the removal back
 * that waits for the agent.
 */
export function RemovalDialog({ server, title, confirmText, children, onClose, onGone }: RemovalDialogProps) {
  const words = useWords();
  const core = useCore();
  const [job, setJob] = useState<JobView>();
  const remove = useCall(
    async (requestKey, isGivenUp: boolean) =>
      (await endOfJob(core, await core.servers.remove({ requestKey, serverId: server.id, isGivenUp }), setJob)).job,
  );
  const keep = useCall((requestKey, jobId: JobView['id']) => core.jobs.undo({ requestKey, jobId }));
  // While it is tried once more the reason stays: the button must not change its word under the pointer.
  const kept = useRef<Failure | undefined>(undefined);
  if (!remove.isBusy) kept.current = remove.failure ?? job?.failure;
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
      onClose={() => {
        if (job?.state === 'stopped' && !isGoingBack(job) && job.canUndo) void keep.run(job.id);
        onClose();
      }}
      onConfirm={() => void remove.run(isUntold).then((settled) => settled?.state === 'done' && onGone())}
    >
      <Stack>
        {children}
        <ActChanges act={{ type: 'remove-server', serverId: server.id, isGivenUp: isUntold }} />
        {failure !== undefined && (
          <Banner state="bad" title={sayFailure(words, failure)}>
            {isUntold ? words('servers.remove.untold', { name: server.name }) : undefined}
          </Banner>
        )}
      </Stack>
    </ConfirmDialog>
  );
}
