import { type ErrorParameters, FarmError, isFarmError } from '#contract/errors.ts';
import type { FarmId } from '#contract/ids.ts';
import { demoPorts, demoServers } from '../../model/settings/demo-plan.ts';
import type { Server } from '../../model/servers/server.ts';
import type { LocalAgent, LocalAgents } from '../../ports/local-agents.ts';
import type { Log } from '../../ports/request.ts';
import type { Store } from '../../ports/store.ts';

type Deps = {
  readonly store: Store;
  readonly local: LocalAgents;
  readonly log: Log;
  readonly agentHome: (name: string) => string;
  /** The link to this server is opened at the address that its row has now. */
  readonly reopen: (server: Server) => Promise<void>;
};

export const demoAgentsKey = 'demo-agents';
/** Two demo farms that begin at the same moment want the same ports; whoever loses one looks further up. */
const mostRounds = 6;
const addressOf = (agent: LocalAgent): string => `127.0.0.1:${agent.linkPort}`;

/** So that two farms which lost against each other do not meet again at the next port. */
function stepOf(farmId: FarmId, round: number): number {
  return round === 0 ? 0 : (Number.parseInt(farmId.replaceAll('-', '').slice(-4), 16) % 400) + round * 3;
}

type Taken = ErrorParameters<'PORT_TAKEN'>;

/** The agents of the demo farm: which ports they have, and how they come to run. */
export function createDemoAgents({ store, local, log, agentHome, reopen }: Deps) {
  const read = async (): Promise<readonly LocalAgent[]> => {
    const row = await store.settings.get(demoAgentsKey);
    // Written by `save` below and by nothing else.
    return (row?.value as readonly LocalAgent[] | undefined) ?? [];
  };
  const save = (farmId: FarmId, agents: readonly LocalAgent[]): Promise<void> =>
    store.settings.put({ id: demoAgentsKey, farmId, value: agents });
  /** Ports and row in one, because a row of another address would make the agent one that never joined. */
  const saveMoved = async (farmId: FarmId, agents: readonly LocalAgent[], from: string, to: string): Promise<void> => {
    const server = await store.transaction(async (tables) => {
      await tables.settings.put({ id: demoAgentsKey, farmId, value: agents });
      const row = (await tables.servers.find({ farmId })).find(({ address }) => address === from);
      if (row === undefined) return undefined;
      const next = { ...row, address: to };
      await tables.servers.put(next);
      return next;
    });
    if (server !== undefined) await reopen(server);
  };

  const portsFor = async (index: number, farmId: FarmId, round: number, taken: readonly number[]) => {
    const wanted = (demoPorts[index] ?? []).map((port) => port + stepOf(farmId, round));
    const [linkPort, httpsPort, httpPort] = await local.freePorts(wanted, taken);
    if (linkPort === undefined || httpsPort === undefined || httpPort === undefined)
      throw new FarmError('PORT_TAKEN', { port: wanted[0] ?? 0, owner: 'unknown' });
    return { linkPort, httpsPort, httpPort };
  };
  const portsOf = (agents: readonly LocalAgent[]): number[] => agents.flatMap((one) => [one.linkPort, one.httpsPort, one.httpPort]);

  /** The ports are saved before anything is started, so that a killed start leaves nothing unknown. */
  const plan = async (farmId: FarmId): Promise<readonly LocalAgent[]> => {
    const known = await read();
    if (known.length > 0) return known;
    const agents: LocalAgent[] = [];
    for (const [index, { name, simulated }] of demoServers.entries())
      agents.push({ name, home: agentHome(name.toLowerCase()), simulated, ...(await portsFor(index, farmId, 0, portsOf(agents))) });
    await save(farmId, agents);
    return agents;
  };

  /** Starts one; answers with the port that somebody else has. */
  const begin = async (agent: LocalAgent): Promise<Taken | undefined> => {
    try {
      await local.ensure(agent);
    } catch (error) {
      if (isFarmError(error, 'PORT_TAKEN')) return error.parameters;
      throw error;
    }
    return local.takenPort(agent);
  };

  /**
   * Another place for an agent that lost a port. One that has not joined gives up its home and begins elsewhere. One that has joined keeps the ports
   * that its customers' addresses hold; only the port of its link moves. Undefined: nothing moves, its edge waits for the port and says so.
   */
  const moved = async (
    agent: LocalAgent,
    taken: Taken,
    isJoined: boolean,
    ports: Pick<LocalAgent, 'linkPort' | 'httpsPort' | 'httpPort'>,
  ) => {
    log.warn('demo-port-taken', { agent: agent.name, port: taken.port, owner: taken.owner, isJoined });
    if (!isJoined) {
      await local.remove(agent);
      return { ...agent, ...ports };
    }
    return taken.port === agent.linkPort ? { ...agent, linkPort: ports.linkPort } : undefined;
  };

  /**
   * Starts all of them. A taken port stops none of the others: who has not served yet gets others, who has is told of by its own server. Repeatable.
   * Throws `PORT_TAKEN` when ports are lost again and again, and what an agent that has not joined throws at its start.
   */
  const startAll = async (farmId: FarmId): Promise<readonly LocalAgent[]> => {
    let agents = await plan(farmId);
    const joined = new Set((await store.servers.find({ farmId })).map((server) => server.address));
    let waiting = agents;
    let lost: Taken | undefined;
    for (let round = 1; waiting.length > 0; round += 1) {
      if (round > mostRounds) throw new FarmError('PORT_TAKEN', lost ?? { port: 0, owner: 'unknown' });
      const found = await Promise.all(
        waiting.map(async (agent) => {
          const isJoined = joined.has(addressOf(agent));
          const taken = await begin(agent).catch((error: unknown) => {
            // The others go on, and this one is looked after: see `lookAfter` of the demo service.
            if (!isJoined) throw error;
            log.warn('demo-agent', { agent: agent.name, error: error instanceof Error ? error.message : String(error) });
            return undefined;
          });
          return { agent, isJoined, taken };
        }),
      );
      const next: LocalAgent[] = [];
      for (const { agent, isJoined, taken } of found) {
        if (taken === undefined) continue;
        lost = taken;
        const index = agents.indexOf(agent);
        const ports = await portsFor(index, farmId, round, [...portsOf(agents), taken.port]);
        const other = await moved(agent, taken, isJoined, ports);
        if (other === undefined) continue;
        agents = agents.with(index, other);
        await (isJoined ? saveMoved(farmId, agents, addressOf(agent), addressOf(other)) : save(farmId, agents));
        if (isJoined) joined.add(addressOf(other));
        next.push(other);
      }
      waiting = next;
    }
    return agents;
  };

  return { read, startAll };
}
