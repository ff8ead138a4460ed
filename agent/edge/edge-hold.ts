import { isFarmError } from '#contract/errors.ts';
import type { AgentLog, EdgeControl } from '../ports.ts';
import type { PipeClient } from './pipe-client.ts';

/** The agent stops an instance without an edge's help sooner than it waits for one. */
const askMs = 1000;

type Options = {
  /** The pipe of the edge that runs now, where there is one: a hold starts no edge. */
  readonly pipe: () => PipeClient | undefined;
  readonly log: AgentLog;
};

/** The agent's half of holds: says them over the pipe, and to no edge that would hang up at the word. */
export function createEdgeHold({ pipe, log }: Options): Pick<EdgeControl, 'hold' | 'release'> {
  /** Said once for each edge. */
  let toldToken = '';
  const knowing = (): PipeClient | undefined => {
    const client = pipe();
    if (client === undefined || client.edge.knows?.includes('hold') === true) return client;
    if (toldToken !== client.edge.token) log.warn('edge-knows-no-hold', { processId: client.edge.processId, version: client.edge.version });
    toldToken = client.edge.token;
    return undefined;
  };
  const unheard = (error: unknown, instanceId: string): undefined => {
    log.warn('edge-hold-unheard', { instanceId, cause: isFarmError(error, 'SERVER_UNREACHABLE') ? error.parameters.cause : String(error) });
    return undefined;
  };
  return {
    hold: async (instanceId, leaseMs, what = 'all') => {
      const client = knowing();
      if (client === undefined) return undefined;
      // An edge of earlier days holds all, and tells no writes: who asks sees that.
      const only = what === 'all' || client.edge.knows?.includes('hold-only') !== true ? {} : { only: what };
      try {
        return (await client.ask({ act: 'hold', instanceId, leaseMs, ...only }, askMs)).hold;
      } catch (error) {
        return unheard(error, instanceId);
      }
    },
    release: async (instanceId) => {
      try {
        await knowing()?.ask({ act: 'release', instanceId }, askMs);
      } catch (error) {
        unheard(error, instanceId);
      }
    },
  };
}
