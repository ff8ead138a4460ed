import { FarmError } from '#contract/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { LocalAgent, LocalAgents } from '../ports/local-agents.ts';
import { createFakeAgent, type FakeAgent } from './fake-agent.ts';

/** Agents of a demo farm, in memory. */
export function createFakeLocalAgents(options: {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly reach: (address: string, agent: FakeAgent) => void;
  readonly leave: (address: string, agent: FakeAgent | undefined) => void;
}): LocalAgents {
  const running = new Map<string, FakeAgent>();
  const addressOf = (agent: LocalAgent): string => `127.0.0.1:${agent.linkPort}`;
  return {
    isSupported: true,
    tidy: async () => undefined,
    freePorts: async (wanted, taken) => {
      const given: number[] = [];
      for (const first of wanted) {
        let port = first;
        while (taken.includes(port) || given.includes(port)) port += 1;
        given.push(port);
      }
      return given;
    },
    ensure: async (local) => {
      if (running.has(local.home)) return;
      const agent = createFakeAgent({
        name: local.name,
        clock: options.clock,
        publicAddress: '127.0.0.1',
        capacity: local.simulated,
        httpsPort: local.httpsPort,
      });
      running.set(local.home, agent);
      options.reach(addressOf(local), agent);
    },
    takenPort: async () => undefined,
    pairingCode: async (local) => {
      const agent = running.get(local.home);
      if (agent === undefined)
        throw new FarmError('SERVER_UNREACHABLE', { server: local.name, address: addressOf(local), cause: 'refused' });
      return agent.code;
    },
    remove: async (local) => {
      options.leave(addressOf(local), running.get(local.home));
      running.delete(local.home);
      return [];
    },
  };
}
