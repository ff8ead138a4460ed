import type { AgentInstance } from '#contract/agent/instances.ts';
import type { InstanceRecord } from '../ports.ts';
import type { HealthView } from './health-watch.ts';
import { dataFolder, type SupervisorNeeds } from './needs.ts';

export type Measured = Pick<AgentInstance, 'cpuMillicores' | 'memoryBytes' | 'diskBytes'>;

/** What is measured of processes ends with them. */
export const withoutProcess = ({ diskBytes }: Measured): Measured => (diskBytes === undefined ? {} : { diskBytes });

/** An instance as the core is told of it. */
export function viewOf(
  needs: SupervisorNeeds,
  { spec, allowed, wanted, restarts, port, userId }: InstanceRecord,
  now: { readonly process: AgentInstance['process']; readonly health: HealthView; readonly measured: Measured },
): AgentInstance {
  return {
    instanceId: spec.instanceId,
    name: spec.name,
    host: spec.host,
    wanted,
    process: now.process,
    ...now.health,
    restarts,
    port,
    user: userId === undefined ? '' : String(userId),
    folder: dataFolder(needs, spec.instanceId),
    ...now.measured,
    ...(spec.network === undefined ? {} : { network: { asked: spec.network, allowed: allowed ?? spec.network } }),
  };
}
