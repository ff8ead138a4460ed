import { FarmError } from '#contract/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LocalAgent, LocalAgents } from '../../ports/local-agents.ts';
import type { Log } from '../../ports/request.ts';
import type { AgentProgramSource } from './agent-program.ts';
import { readAddress, readCode } from './agent-home.ts';
import { freePorts } from './free-ports.ts';
import { usualPlace } from './passable-place.ts';
import { createProcessTable, type ProcessTable } from './process-table.ts';
import { removeAgent } from './remove-agent.ts';
import { isListening, startAgent } from './start-agent.ts';

export type LocalAgentOptions = {
  /** What an agent is started from. */
  readonly program: AgentProgramSource;
  /** Whether this computer's system is one on which agents run. */
  readonly isSupported: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly processes?: ProcessTable;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where instances lie that cannot lie in their agent's home. */
  readonly place?: string;
  /** How long a code, and an agent that was asked to end, are waited for. */
  readonly patience?: { readonly codeMs: number; readonly endMs: number };
};

const lookMs = 50;
/** The code lies there before an agent says that it listens; only one that is just being renewed is waited for. An agent closes within 3 s. */
const defaultPatience = { codeMs: 4000, endMs: 5000 };

/** Agents of this very computer, as processes of their own that outlive us. Any number of calls at once; those about one home follow each other. */
export function createLocalAgents(options: LocalAgentOptions): LocalAgents {
  const { log, patience = defaultPatience, place = usualPlace } = options;
  const processes = options.processes ?? createProcessTable();
  // Waiting for processes goes by real time, whatever the farm's clock says.
  const wait = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
  const lines = new Map<string, Promise<unknown>>();
  const inLine = <Result>(home: string, work: () => Promise<Result>): Promise<Result> => {
    const mine = (lines.get(home) ?? Promise.resolve()).then(work, work);
    const quiet = mine.catch(() => undefined).finally(() => lines.get(home) === quiet && lines.delete(home));
    lines.set(home, quiet);
    return mine;
  };

  const ensure = async (agent: LocalAgent): Promise<void> => {
    if (await isListening(agent, processes)) return;
    const { program, environment = {} } = options;
    await startAgent(agent, { ...(await program.find()), processes, wait, place, environment });
    log.info('local-agent.started', { name: agent.name, linkPort: agent.linkPort, httpsPort: agent.httpsPort });
  };
  const waitForCode = async (agent: LocalAgent): Promise<string | undefined> => {
    for (let waitedMs = 0; waitedMs < patience.codeMs; waitedMs += lookMs) {
      const shown = await readCode(agent.home);
      if (shown !== undefined && shown.expiresAtMs > options.clock.nowMs()) return shown.code;
      await wait(lookMs);
    }
    return undefined;
  };

  return {
    isSupported: options.isSupported,
    tidy: options.program.tidy,
    freePorts,
    ensure: (agent) => inLine(agent.home, () => ensure(agent)),
    takenPort: async (agent) => {
      const edge = (await readAddress(agent.home))?.edge;
      if (edge?.state === 'port-taken') return { port: edge.port, owner: edge.owner };
      const { isListening: hasRedirect, port, owner, cause } = edge?.redirect ?? { isListening: true, port: 0, owner: '', cause: '' };
      return hasRedirect || cause !== 'EADDRINUSE' ? undefined : { port, owner };
    },
    pairingCode: (agent) =>
      inLine(agent.home, async () => {
        await ensure(agent);
        const shown = await waitForCode(agent);
        if (shown !== undefined) return shown;
        // It runs and shows none, so it has joined; whoever asks does not know of it, so the join was cut off before it was saved.
        log.warn('local-agent.made-anew', { name: agent.name });
        await removeAgent(agent, { processes, wait, place, agentGraceMs: patience.endMs });
        await ensure(agent);
        const code = await waitForCode(agent);
        if (code !== undefined) return code;
        throw new FarmError('SERVER_UNREACHABLE', { server: agent.name, address: `127.0.0.1:${agent.linkPort}`, cause: 'identity' });
      }),
    remove: (agent) =>
      inLine(agent.home, async () => {
        const left = await removeAgent(agent, { processes, wait, place, agentGraceMs: patience.endMs });
        log.info('local-agent.removed', { name: agent.name, left });
        return left;
      }),
  };
}
