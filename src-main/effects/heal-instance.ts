import type { AgentInstance } from '#contract/agent/instances.ts';
import type { EdgeRoute } from '#contract/agent/edge.ts';
import type { InstanceHealer, InstanceWanted } from '../ports/reconcile.ts';
import type { Call, Seen } from './effect.ts';
import type { InstanceEffects } from './instance-effects.ts';
import { networkFactsOf } from './instance-network.ts';
import { processFactsOf } from './process.ts';
import type { RouteFacts, RouteWanted } from './route.ts';

const factsOfRoute = (route: EdgeRoute | undefined): Seen<RouteFacts> =>
  route === undefined ? 'absent' : { shows: route.state, port: String(route.target.port) };

/** A call that no job saves. */
const callOf = (signal: AbortSignal): Call => ({
  signal,
  waitFor: () => undefined,
  noted: {},
  note: () => Promise.resolve(),
  tell: () => Promise.resolve(),
  show: () => Promise.resolve(),
});

/** Route, process and reach of an instance as the effects know them, for following: no row is written here. */
export function createInstanceHealer({ route, process, network }: Pick<InstanceEffects, 'route' | 'process' | 'network'>): InstanceHealer {
  /** Where an application runs well, a page in its place is not what its agent would show. */
  const routeWanted = ({ shows }: InstanceWanted, health: AgentInstance['health']): RouteWanted =>
    shows === 'running' && health === 'healthy' ? { shows, isExact: true } : { shows };
  return {
    isSo: (at, wanted, seen) => {
      if (seen.instance === undefined) return true;
      const isRouted = route.describe(factsOfRoute(seen.route), routeWanted(wanted, seen.instance.health), at) === undefined;
      const isReach = network.describe(networkFactsOf(seen.instance), wanted, at) === undefined;
      return isRouted && isReach && process.describe(processFactsOf(seen.instance), { run: wanted.run }, at) === undefined;
    },
    heal: async (at, wanted, signal) => {
      const call = callOf(signal);
      const runs = await process.observe(at, call);
      if (runs === 'absent' || runs === 'place-gone') return;
      const shown = await route.observe(at, call);
      const page = routeWanted(wanted, runs.health);
      // What takes off the air is shown first, what puts on the air comes behind the page.
      if (shown === 'absent' || route.describe(shown, page, at) !== undefined) await route.ensure(at, page, shown, call);
      if (process.describe(runs, { run: wanted.run }, at) !== undefined) await process.ensure(at, { run: wanted.run }, runs, call);
      const reach = await network.observe(at, call);
      if (network.describe(reach, wanted, at) !== undefined) await network.ensure(at, wanted, reach, call);
    },
  };
}
