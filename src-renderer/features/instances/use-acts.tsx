import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { InstanceView } from '#contract/api/instances.ts';
import { nameIn } from '#contract/localized-text.ts';
import { actOnInstance, type JobEnd } from '../../lib/end-of-job.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { codedFailure } from '../../lib/failure.ts';
import { newRequestKey } from '../../lib/request-key.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { addNotice } from '../../stores/notices.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Stack } from '../../ui/page.tsx';
import { ActChanges } from './act-changes.tsx';
import type { InstanceAct } from './instance-acts.ts';

type Asked = { readonly act: 'stop' | 'suspend' | 'remove'; readonly instance: InstanceView };

function StopOrSuspend({ act, instance, onClose }: { act: 'stop' | 'suspend'; instance: InstanceView; onClose: () => void }) {
  const words = useWords();
  const core = useCore();
  const run = useCall((requestKey) => actOnInstance(core, act, instance.id, requestKey));
  const [end, setEnd] = useState<JobEnd>();
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  const { name, host } = instance;
  const confirm = async (): Promise<void> => {
    setEnd(undefined);
    const done = await run.run();
    if (done === undefined) return;
    if (done.failure === undefined) onClose();
    else if (isGone.current) addNotice(done.failure, done.job.id);
    else setEnd(done);
  };
  const failure = run.failure ?? end?.failure;
  return (
    <ConfirmDialog
      isOpen
      title={words(`instances.${act}.title`, { name })}
      confirmText={words(`instances.${act}.confirm`, { name })}
      keepText={words(`instances.${act}.keep`)}
      isBusy={run.isBusy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <Stack>
        <p>{words(`instances.${act}.says`, { host })}</p>
        <ActChanges act={{ type: act, instanceId: instance.id }} />
      </Stack>
      {failure !== undefined && !run.isBusy && (
        <Banner
          state="bad"
          title={sayFailure(words, failure)}
          {...(end !== undefined && {
            acts: (
              <Button icon="list-checks" href={paths.job(end.job.id)}>
                {words('jobs.page.act.openJob')}
              </Button>
            ),
          })}
        />
      )}
    </ConfirmDialog>
  );
}

function Remove({ instance, onClose }: { instance: InstanceView; onClose: () => void }) {
  const words = useWords();
  const core = useCore();
  const remove = useCall((requestKey) => core.instances.remove({ requestKey, instanceId: instance.id }));
  const { name, host } = instance;
  return (
    <ConfirmDialog
      isOpen
      isDanger
      title={words('instances.remove.title', { name })}
      confirmText={words('instances.remove.confirm', { name })}
      keepText={words('instances.remove.keep')}
      isBusy={remove.isBusy}
      typed={{ label: words('instances.remove.typed', { name }), name, reason: words('instances.remove.reason') }}
      onClose={onClose}
      onConfirm={() => void remove.run().then((job) => job !== undefined && goTo(paths.job(job.id)))}
    >
      <Stack>
        <p>
          {words('instances.remove.says', {
            host,
            package: nameIn(words.language, instance.package),
            customer: instance.customer?.name ?? 'none',
          })}
        </p>
        <ActChanges act={{ type: 'remove', instanceId: instance.id }} />
      </Stack>
      {remove.failure !== undefined && <Banner state="bad" title={sayFailure(words, remove.failure)} />}
    </ConfirmDialog>
  );
}

export type Acts = {
  /** Does an act at once, or asks first where visitors or data are concerned. */
  readonly ask: (act: InstanceAct, instance: InstanceView) => void;
  /** The act that is under way on an instance, if any, until its job has ended. */
  readonly busy: { readonly act: InstanceAct; readonly instanceId: string } | undefined;
  readonly dialog: ReactNode;
};

/** Acts on instances. A failure of an act without a dialog becomes a notice: the row that it began in may be gone by then. */
export function useActs(): Acts {
  const core = useCore();
  const [asked, setAsked] = useState<Asked>();
  const [busy, setBusy] = useState<Acts['busy']>();
  const run = async (act: 'restart' | 'start' | 'resume', instance: InstanceView): Promise<void> => {
    setBusy({ act, instanceId: instance.id });
    try {
      const { job, failure } = await actOnInstance(core, act, instance.id, newRequestKey());
      if (failure !== undefined) addNotice(failure, job.id);
    } catch (error) {
      addNotice(codedFailure(error));
    } finally {
      setBusy(undefined);
    }
  };
  const ask = (act: InstanceAct, instance: InstanceView): void => {
    if (act === 'stop' || act === 'suspend' || act === 'remove') setAsked({ act, instance });
    else void run(act, instance);
  };
  const close = (): void => setAsked(undefined);
  const dialog =
    asked === undefined ? null : asked.act === 'remove' ? (
      <Remove instance={asked.instance} onClose={close} />
    ) : (
      <StopOrSuspend act={asked.act} instance={asked.instance} onClose={close} />
    );
  return { ask, busy, dialog };
}
