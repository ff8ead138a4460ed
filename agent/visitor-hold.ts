import type { EdgeControl, Visitors } from './ports.ts';
import type { RouteStates } from './route-states.ts';

/** Renewed about every second while an instance is stopped; so long after an agent that was killed visitors go on. */
const leaseMs = 3000;

/** Where supervision meets the edge: visitors wait there, and go on once the route shows what the instance has become. */
export function createVisitorHold(edge: Pick<EdgeControl, 'hold' | 'release'>, routes: Pick<RouteStates, 'settled'>): Visitors {
  return {
    hold: (instanceId, what) => edge.hold(instanceId, leaseMs, what),
    settled: routes.settled,
    release: edge.release,
  };
}
