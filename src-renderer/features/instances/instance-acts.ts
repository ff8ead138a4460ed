import type { InstanceCode, InstanceView } from '#contract/api/instances.ts';
import type { RunAct } from '#contract/catalogue/jobs.ts';
import type { Translate } from '#words/translate.ts';

export type InstanceAct = RunAct | 'remove';
export const bulkActs = ['start', 'restart', 'stop', 'suspend', 'resume'] as const satisfies readonly InstanceAct[];
export type BulkAct = (typeof bulkActs)[number];

const runs: readonly InstanceCode[] = ['running', 'slow', 'unhealthy', 'unreached', 'crash-loop', 'starting'];
/** In which states an act makes sense. The core has the last word; here a person is told before the click. */
const allowed: Record<InstanceAct, readonly InstanceCode[]> = {
  restart: runs,
  // What is to stop as soon as its server is back may be wanted to run again.
  start: ['stopped', 'stopping', 'down'],
  stop: [...runs, 'down'],
  suspend: [...runs, 'stopped', 'stopping', 'down'],
  resume: ['suspended', 'suspending'],
  remove: [...runs, 'stopped', 'stopping', 'down', 'suspended', 'suspending', 'not-seen', 'missing', 'half-made'],
};

export function isAllowed(instance: InstanceView, act: InstanceAct): boolean {
  const isBusy = instance.jobId !== undefined && instance.condition.code !== 'half-made';
  return !isBusy && allowed[act].includes(instance.condition.code);
}

/** Why an act is off; undefined when it is on. */
export function whyNot(words: Translate, instance: InstanceView, act: InstanceAct): string | undefined {
  if (isAllowed(instance, act)) return undefined;
  const { name } = instance;
  const { code } = instance.condition;
  if (instance.jobId !== undefined && code !== 'half-made') return words('instances.act.off.busy', { name });
  return words('instances.act.off.state', { name, state: words(`instances.state.${code}`) });
}

/** The acts that a menu shows: what makes sense now, and removing always, with its reason when it is off. */
export function actsOf(instance: InstanceView): readonly InstanceAct[] {
  const pair = (on: InstanceAct, off: InstanceAct): InstanceAct => (isAllowed(instance, off) ? off : on);
  return ['restart', pair('stop', 'start'), pair('suspend', 'resume'), 'remove'];
}
