import { implement } from '@orpc/server';
import { agentApi } from '#contract/agent/index.ts';
import type { HostFacts, ServerSigns } from '#contract/agent/servers.ts';
import type { AgentClock, FindReference, SignSource } from '../ports.ts';
import { mergedEvents } from './event-queue.ts';

export type ServerCommandNeeds = {
  readonly facts: () => Promise<HostFacts>;
  readonly findReference: FindReference;
  readonly signs: SignSource;
  readonly clock: AgentClock;
};

/** What this server is, and what its agent watches of it. */
export function createServerCommands({ facts, findReference, signs, clock }: ServerCommandNeeds) {
  const area = implement(agentApi.servers);
  return area.router({
    facts: area.facts.handler(() => facts()),
    findReference: area.findReference.handler(({ input }) => findReference(input.reference)),
    watch: area.watch.handler(({ signal }) =>
      mergedEvents<ServerSigns>({
        subscribe: (listener) => {
          const stop = signs.onChange(listener);
          listener(signs.now());
          return stop;
        },
        merge: (_, newest) => newest,
        gatherMs: 0,
        after: clock.after,
        signal,
      }),
    ),
  });
}
