import { waitFor } from '#kit/wait.ts';
import { type ErrorParameters, FarmError, isFarmError } from '#contract/errors.ts';
import type { CoreIdentity, LinkState, LinkTarget } from '../ports/agent-link.ts';
import type { AgentClient, AgentLinks, AgentWriteLink } from '../ports/agent-writes.ts';
import type { Clock } from '../ports/clock.ts';
import type { FakeAgent } from './fake-agent.ts';

export type FakeAgentLinks = AgentLinks & {
  readonly add: (address: string, agent: FakeAgent) => void;
  readonly remove: (address: string) => void;
  /** Cuts the link to an address, or mends it: calls then throw `SERVER_UNREACHABLE`. */
  readonly cut: (address: string, isCut: boolean) => void;
  /** Links to an address that are opened from now on make their first try until `isSlow` is false again. */
  readonly slow: (address: string, isSlow: boolean) => void;
  /** The clock of the agent there is fast by so much. */
  readonly shiftClock: (address: string, byMs: number) => void;
};

const slowPollMs = 20;

/** Links that reach agents in memory. Pairing checks the code; the signing of the agent's key is the real driver's own test. */
export function createFakeAgentLinks({
  clock,
  around = (_address, _command, call) => call(),
}: {
  readonly clock: Clock;
  /** Goes round each call of a command and round a pairing; streams come as they are. */
  readonly around?: (address: string, command: string, call: () => Promise<unknown>) => Promise<unknown>;
}): FakeAgentLinks {
  const agents = new Map<string, FakeAgent>();
  const cuts = new Set<string>();
  const slows = new Set<string>();
  const clockShifts = new Map<string, number>();
  const links = new Map<string, Set<() => void>>();
  const tell = (address: string): void => {
    for (const listener of links.get(address) ?? []) listener();
  };
  const unreachable = (server: string, address: string): FarmError<'SERVER_UNREACHABLE'> =>
    new FarmError('SERVER_UNREACHABLE', {
      server,
      address,
      cause: agents.has(address) ? 'closed' : 'refused',
    } satisfies ErrorParameters<'SERVER_UNREACHABLE'>);

  /** Every call goes to whoever is at the address now, or throws. */
  const clientOf = (farmId: string, target: LinkTarget): AgentClient => {
    const through = (path: readonly string[]): unknown =>
      new Proxy(() => undefined, {
        get: (_target, key) => (typeof key === 'string' && key !== 'then' ? through([...path, key]) : undefined),
        apply: async (_target, _self, parameters: unknown[]) => {
          const reached = (): FakeAgent => {
            const agent = agents.get(target.address);
            if (agent === undefined || cuts.has(target.address)) throw unreachable(target.serverName, target.address);
            // It does not know the farm any more, and takes nothing from it.
            if (!agent.isOf(farmId, target.serverId))
              throw new FarmError('SERVER_UNREACHABLE', { server: target.serverName, address: target.address, cause: 'left' });
            return agent;
          };
          return around(target.address, path.join('.'), async () => {
            const call = path.reduce<unknown>((at, key) => Reflect.get(Object(at), key), reached().client);
            return Reflect.apply(call as (...all: unknown[]) => unknown, undefined, parameters);
          });
        },
      });
    return through([]) as AgentClient;
  };

  const open = (identity: Pick<CoreIdentity, 'farmId'>, target: LinkTarget): AgentWriteLink => {
    const { address, serverName, serverId } = target;
    let sinceMs = clock.nowMs();
    const isKey = (): boolean => agents.get(address)?.fingerprint === target.keyFingerprint && !cuts.has(address);
    const isUp = (): boolean => isKey() && agents.get(address)?.isOf(identity.farmId, serverId) === true;
    const causeNow = (): ErrorParameters<'SERVER_UNREACHABLE'>['cause'] => (isKey() ? 'left' : agents.has(address) ? 'closed' : 'refused');
    const refused = (): FarmError<'SERVER_UNREACHABLE'> =>
      new FarmError('SERVER_UNREACHABLE', { server: serverName, address, cause: causeNow() });
    const state = (): LinkState => {
      if (slows.has(address)) return { state: 'connecting', sinceMs };
      if (isUp())
        return {
          state: 'connected',
          sinceMs,
          agentVersion: '0.1.0',
          bootId: 'boot',
          clockOffsetMs: clockShifts.get(address) ?? 0,
          commands: [],
        };
      // no error with its stack: a thousand links are asked for their state at once
      const failure = { code: 'SERVER_UNREACHABLE', parameters: { server: serverName, address, cause: causeNow() } };
      return { state: 'waiting', sinceMs, retryAtMs: sinceMs + 1000, failure };
    };
    const listeners = new Set<(next: LinkState) => void>();
    const heard = (): void => {
      sinceMs = clock.nowMs();
      for (const listener of listeners) listener(state());
    };
    const all = links.get(address) ?? new Set();
    links.set(address, all.add(heard));
    return {
      client: clientOf(identity.farmId, target),
      state,
      onState: (listener) => {
        listeners.add(listener);
        listener(state());
        return () => void listeners.delete(listener);
      },
      ready: async (timeoutMs) => {
        for (let waitedMs = 0; slows.has(address) && waitedMs < timeoutMs; waitedMs += slowPollMs) await waitFor(clock.after, slowPollMs);
        if (slows.has(address) || !isUp()) throw refused();
      },
      retryNow: () => undefined,
      close: async () => void all.delete(heard),
    };
  };

  return {
    add: (address, agent) => {
      agents.set(address, agent);
      tell(address);
    },
    remove: (address) => {
      agents.delete(address);
      tell(address);
    },
    cut: (address, isCut) => {
      if (isCut) cuts.add(address);
      else cuts.delete(address);
      tell(address);
    },
    slow: (address, isSlow) => {
      if (isSlow) slows.add(address);
      else slows.delete(address);
      tell(address);
    },
    shiftClock: (address, byMs) => void clockShifts.set(address, byMs),
    open,
    pair: async ({ address, code, identity, serverId, sign }) => {
      const joined = async (): Promise<string> => {
        const agent = agents.get(address);
        if (agent === undefined || cuts.has(address)) throw unreachable(address, address);
        if (code !== agent.code) throw new FarmError('CODE_INVALID', { reason: 'wrong' });
        const farm = agent.farm();
        if (farm !== undefined && farm !== identity.farmId) throw new FarmError('AGENT_IN_OTHER_FARM', { address, farm });
        // What the core does before it signs counts here; that it signs is the real driver's own test.
        await sign('', agent.fingerprint).catch((error: unknown) => {
          if (!isFarmError(error, 'CERTIFICATE_INVALID')) throw error;
        });
        agent.joined(identity.farmId, serverId);
        return agent.fingerprint;
      };
      return { keyFingerprint: String(await around(address, 'pair', joined)), agentVersion: '0.1.0' };
    },
  };
}
