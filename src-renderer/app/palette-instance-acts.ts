import type { InstanceView } from '#contract/api/instances.ts';
import type { RunAct } from '#contract/catalogue/jobs.ts';
import { actOnInstance } from '../lib/end-of-job.ts';
import { codedFailure } from '../lib/failure.ts';
import { goTo, paths } from '../lib/go-to.ts';
import { newRequestKey } from '../lib/request-key.ts';
import { useCore, useHost } from '../lib/use-core.ts';
import { useWords } from '../lib/use-words.ts';
import { addNotice } from '../stores/notices.ts';
import type { PaletteGroup, PaletteItem } from '../ui/palette.tsx';

const icons = { start: 'rotate-cw', stop: 'pause', restart: 'rotate-cw', suspend: 'pause', resume: 'rotate-cw' } as const;

/** Which acts make sense now: all of them can be taken back. */
export function actsFor({ jobId, condition: { code } }: Pick<InstanceView, 'jobId' | 'condition'>): readonly RunAct[] {
  if (jobId !== undefined) return [];
  if (code === 'suspended' || code === 'suspending') return ['resume'];
  if (code === 'stopped' || code === 'stopping') return ['start', 'suspend'];
  if (code === 'creating' || code === 'removing' || code === 'half-made' || code === 'not-seen') return [];
  return ['restart', 'stop', 'suspend'];
}

/** What can be done with the best match. The palette is gone by the time the core answers, so a failure stays as a notice. */
export function useInstanceActs(instance: InstanceView | undefined): readonly PaletteGroup[] {
  const words = useWords();
  const core = useCore();
  const host = useHost();
  if (instance === undefined) return [];
  const { id: instanceId, name } = instance;
  const run = (act: RunAct): void => {
    goTo(paths.instance(name));
    actOnInstance(core, act, instanceId, newRequestKey()).then(
      ({ job, failure }) => failure !== undefined && addNotice(failure, job.id),
      (error: unknown) => addNotice(codedFailure(error)),
    );
  };
  const items: PaletteItem[] = [
    {
      id: 'open-address',
      icon: 'arrow-up-right',
      text: words('common.palette.openAddress', { host: instance.host }),
      onRun: () => void host.openAddress(instance.url),
    },
    ...actsFor(instance).map(
      (act): PaletteItem => ({
        id: act,
        icon: icons[act],
        text: words('common.palette.instanceAct', { act, name }),
        onRun: () => run(act),
      }),
    ),
  ];
  return [{ id: 'with', title: words('common.palette.with', { name }), items }];
}
