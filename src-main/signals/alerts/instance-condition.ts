import type { InstanceCode, InstanceView } from '#contract/api/instances.ts';
import type { Evaluator, Saw } from './evaluator.ts';

/** An application that is just being started has not shown yet whether it stays up. */
const isUnsettled = ({ condition }: InstanceView): boolean => condition.mark === 'unknown' || condition.code === 'starting';

const parametersOf = ({ condition, name, server }: InstanceView) => ({ ...condition.parameters, name, server: server?.name ?? '' });

/** `state`: the one state of an instance in which the alert is. A job, or what a person desires, comes before what is measured, and ends it. */
function sawIn(instance: InstanceView, state: InstanceCode): Saw<'bad'> {
  if (instance.condition.code === state)
    return { severity: 'bad', parameters: parametersOf(instance), beganAtMs: instance.condition.sinceMs };
  return isUnsettled(instance) ? 'unknown' : 'good';
}

export const instanceMissing: Evaluator<'instance-missing'> = (instance) => sawIn(instance, 'missing');
export const instanceDown: Evaluator<'instance-down'> = (instance) => sawIn(instance, 'down');
export const instanceCrashLoop: Evaluator<'instance-crash-loop'> = (instance) => sawIn(instance, 'crash-loop');

/** Bad where it does not answer, a warning where only its self-check complains. */
export const instanceUnhealthy: Evaluator<'instance-unhealthy'> = (instance) => {
  const saw = sawIn(instance, 'unhealthy');
  return typeof saw === 'string' ? saw : { ...saw, severity: instance.condition.mark === 'warning' ? 'warning' : 'bad' };
};
