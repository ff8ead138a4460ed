import type { AgentInstance, InstanceSpec } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import type { HealthView } from './health-watch.ts';
import { manifestOf, type SupervisorNeeds } from './needs.ts';
import type { Waiters } from './waiters.ts';

type Now = { readonly process: AgentInstance['process']; readonly health: () => HealthView };

/** Waits as long as the package says that it may take. Throws `APPLICATION_DIED`, `APPLICATION_NOT_HEALTHY`, and what the waiters are told. */
export async function untilHealthy(needs: SupervisorNeeds, spec: InstanceSpec, waiters: Waiters, now: Now): Promise<void> {
  const { path, startSeconds } = manifestOf(needs, spec).health;
  if (now.process.state === 'crash-loop') {
    const { exitCode, lastLine } = now.process;
    throw new FarmError('APPLICATION_DIED', { name: spec.name, exitCode, lastLine });
  }
  await waiters.wait(needs.clock, startSeconds * 1000, () => {
    const { healthAnswer: answered } = now.health();
    return new FarmError('APPLICATION_NOT_HEALTHY', { name: spec.name, path, answered, seconds: startSeconds });
  });
}

/** A stop came in the way of a start. */
export function interrupted({ instances }: SupervisorNeeds, instanceId: string): FarmError {
  const name = instances.get(instanceId)?.spec.name ?? instanceId;
  return new FarmError('INSTANCE_STATE', { name, state: 'stopping', wanted: 'running' });
}
