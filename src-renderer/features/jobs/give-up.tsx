import { useState } from 'react';
import type { JobView } from '#contract/api/jobs.ts';
import { aimsAt } from '#contract/catalogue/jobs.ts';
import { serverId } from '#contract/ids.ts';
import { untoldCodes } from '#contract/untold-codes.ts';
import { useRehearsal } from '../../lib/use-rehearsal.ts';
import { useWords } from '../../lib/use-words.ts';
import { Button } from '../../ui/button.tsx';
import { drawnChange } from '../../ui/change-icons.ts';
import { ChangesList } from '../../ui/changes-list.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Stack } from '../../ui/page.tsx';
import type { Act } from './use-job-acts.ts';

/** A server that leaves, or whose join takes itself back, and whose agent may never answer. */
export function mayGiveUp({ type, direction, failure }: JobView): boolean {
  const isLeaving = direction === 'back' ? aimsAt(type, 'makes', 'server') : aimsAt(type, 'takes-away', 'server');
  return isLeaving && untoldCodes.includes(failure?.code ?? '');
}

function Changes({ job }: { job: JobView }) {
  const words = useWords();
  const changes = useRehearsal({ type: 'remove-server', serverId: serverId.parse(job.subject.id), isGivenUp: true });
  if (changes === undefined || changes.length === 0) return null;
  return <ChangesList label={words('wizard.change.title')} changes={changes.map(drawnChange)} />;
}

/** Goes on without the agent. It is asked for once, with what it changes, because nothing brings the server back. */
export function GiveUp({ job, act }: { job: JobView; act: Act }) {
  const words = useWords();
  const [isAsking, setAsking] = useState(false);
  const { name } = job.subject;
  return (
    <>
      <Button look="danger" size="large" isBusy={act.isBusy} onClick={() => setAsking(true)}>
        {words('jobs.page.act.giveUp')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          isOpen
          isDanger
          title={words('jobs.page.giveUp.title', { name })}
          confirmText={words('jobs.page.giveUp.confirm', { name })}
          keepText={words('jobs.page.stop.keep')}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            act.run();
          }}
        >
          <Stack>
            <p>{words('jobs.page.giveUp.says', { name })}</p>
            <Changes job={job} />
          </Stack>
        </ConfirmDialog>
      )}
    </>
  );
}
