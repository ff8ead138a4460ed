import { randomUUID } from 'node:crypto';
import { implement } from '@orpc/server';
import { agentProtocol } from '#contract/agent/base.ts';
import { agentApi } from '#contract/agent/index.ts';
import { FarmError } from '#contract/errors.ts';
import type { CommandContext, LinkClock } from './types.ts';

export type LinkCommandsOptions = {
  readonly clock: LinkClock;
  readonly agentVersion: string;
  /** Names as `instances.create`; the contract's by default. */
  readonly commands?: () => readonly string[];
  /** Removes instances, edge and payloads of this farm; repeatable; answers with what it removed. */
  readonly onLeave: (farmId: string) => Promise<readonly string[]>;
};

/** Every command of a contract as `area.verb`. */
export function commandNames(contract: Readonly<Record<string, object>>): readonly string[] {
  return Object.entries(contract).flatMap(([area, verbs]) => Object.keys(verbs).map((verb) => `${area}.${verb}`));
}

/** The `link` sub-router. `bootId` is new with every call of this function, so once per start of the agent. */
export function createLinkCommands({ clock, agentVersion, commands = () => commandNames(agentApi), onLeave }: LinkCommandsOptions) {
  const bootId = randomUUID();
  const area = implement(agentApi.link).$context<CommandContext>();

  const hello = area.hello.handler(({ input, context }) => {
    if (input.farmId !== context.core.farmId || input.epoch !== context.core.epoch) throw notMine();
    const identity = context.connection.confirm({ epoch: input.epoch, serverId: input.serverId });
    return { serverId: identity.serverId, agentVersion, protocol: agentProtocol, commands: [...commands()], bootId, nowMs: clock.nowMs() };
  });

  const beats = area.beats.handler(async function* ({ input, signal }) {
    while (!signal?.aborted) {
      yield { nowMs: clock.nowMs() };
      await pause(clock, input.intervalMs, signal);
    }
  });

  const leave = area.leave.handler(async ({ input, context }) => {
    if (input.farmId !== context.core.farmId) throw notMine();
    const left = await onLeave(input.farmId);
    // Only now: a kill before this line leaves the farm known, so that the core can ask again.
    context.connection.forget();
    return { left: [...left] };
  });

  return area.router({ hello, beats, leave });
}

function notMine(): FarmError {
  return new FarmError('SERVER_UNREACHABLE', { server: '', address: '', cause: 'identity' });
}

/** Resolves after the delay, or at once when the signal is given. */
function pause(clock: LinkClock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      forget();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const forget = clock.after(delayMs, done);
    signal?.addEventListener('abort', done);
  });
}
