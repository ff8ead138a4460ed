import type { DomainId } from '#contract/ids.ts';
import { isFarmError } from '#contract/errors.ts';
import type { Sight } from '../../model/servers/edge-reach.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import { OutsideError, type OutsideProbe } from '../../ports/probe.ts';
import type { Log } from '../../ports/request.ts';

/** An address that visitors use: an instance's. */
export type Outlook = { readonly url: string; readonly domainId: DomainId };

type Deps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: Changes;
  readonly agents: Pick<Agents, 'server'>;
  readonly probe: Pick<OutsideProbe, 'request'>;
  readonly servers: () => Promise<readonly Server[]>;
  /** One of those that stand on the server and should run, another with each turn; undefined when none does. */
  readonly outlookOn: (serverId: string, turn: number) => Outlook | undefined;
  readonly nameServers: (domainId: DomainId) => Promise<readonly { readonly address: string; readonly port: number }[]>;
  readonly trustPem: () => Promise<string>;
};

export type OutsideWatch = {
  readonly sightOf: (serverId: string) => Sight | undefined;
  readonly start: () => void;
  readonly stop: () => void;
};

const firstMs = 10_000;
const everyMs = 60_000;
/** What was missed is looked at again soon, so that a dark server is told early, and so is one that is dark no more. */
const againMs = 15_000;
const requestMs = 8000;
const mostAtOnce = 8;
/** Any answer of the edge will do here. */
const anyStatus = Array.from({ length: 500 }, (_, index) => index + 100);
/** Nothing spoke TLS there at all; with any other cause something did, and the certificate is the matter. */
const silentTls: ReadonlySet<string> = new Set(['timeout', 'silent', 'closed', 'ECONNRESET', 'EPIPE']);

type Seen = Pick<Sight, 'state' | 'cause'>;

function seenOf(error: unknown): Seen {
  if (error instanceof OutsideError || isFarmError(error)) {
    const cause = 'cause' in error.parameters ? String(error.parameters.cause) : '';
    if (error.code === 'OUTSIDE_STATUS') return { state: 'reached', cause: '' };
    if (error.code === 'OUTSIDE_CONNECT') return { state: 'not-reached', cause };
    if (error.code === 'OUTSIDE_TLS' && silentTls.has(cause)) return { state: 'not-reached', cause };
    return { state: 'unclear', cause: error.code };
  }
  throw error;
}

/**
 * Visits one address of each server from outside, each minute, and at once when its agent falls silent: what its agent cannot say of its edge, and what
 * no agent can know (a firewall, a route, an address that is not its own).
 */
export function createOutsideWatch(deps: Deps): OutsideWatch {
  const { clock, log, changes } = deps;
  const sights = new Map<string, Sight>();
  const timers = new Map<string, () => void>();
  const connected = new Set<string>();
  let stopRounds = (): void => undefined;
  let stopListening = (): void => undefined;
  let ending = new AbortController();
  let turn = 0;

  const look = async (server: Server, outlook: Outlook): Promise<Seen> => {
    try {
      const servers = await deps.nameServers(outlook.domainId);
      await deps.probe.request({
        url: outlook.url,
        resolveVia: { servers },
        trustPem: await deps.trustPem(),
        expect: { status: anyStatus },
        timeoutMs: requestMs,
        signal: ending.signal,
      });
      return { state: 'reached', cause: '' };
    } catch (error) {
      if (ending.signal.aborted) return { state: 'unclear', cause: 'stopped' };
      try {
        return seenOf(error);
      } catch (bug) {
        log.bug(bug, { where: 'outside-watch', server: server.id });
        return { state: 'unclear', cause: 'bug' };
      }
    }
  };
  const visit = async (server: Server): Promise<void> => {
    timers.get(server.id)?.();
    timers.delete(server.id);
    const outlook = deps.outlookOn(server.id, turn);
    if (outlook === undefined) return void sights.delete(server.id);
    const seen = await look(server, outlook);
    if (ending.signal.aborted) return undefined;
    const before = sights.get(server.id);
    const misses = seen.state === 'not-reached' ? (before?.misses ?? 0) + 1 : 0;
    sights.set(server.id, { ...seen, address: new URL(outlook.url).host, atMs: clock.nowMs(), misses });
    if (before?.state !== seen.state || misses > 0) changes.announce({ kind: 'server', id: server.id });
    if (misses > 0) visitLater(server.id);
    return undefined;
  };
  const visitLater = (serverId: string, delayMs = againMs): void => {
    if (timers.has(serverId) && delayMs > 0) return;
    timers.get(serverId)?.();
    const call = async (): Promise<void> => {
      timers.delete(serverId);
      const server = (await deps.servers()).find(({ id }) => id === serverId);
      if (server !== undefined) await visit(server);
    };
    timers.set(
      serverId,
      clock.after(delayMs, () => void call().catch((error: unknown) => log.bug(error, { where: 'outside-watch' }))),
    );
  };
  const round = async (): Promise<void> => {
    turn += 1;
    const waiting = [...(await deps.servers())];
    for (const id of sights.keys()) if (!waiting.some((server) => server.id === id)) sights.delete(id);
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !ending.signal.aborted; next = waiting.shift()) await visit(next);
    };
    await Promise.all(Array.from({ length: mostAtOnce }, worker));
  };
  const schedule = (delayMs: number): void => {
    const { signal } = ending;
    stopRounds = clock.after(delayMs, () => {
      round()
        .catch((error: unknown) => log.bug(error, { where: 'outside-watch' }))
        .finally(() => {
          if (!signal.aborted) schedule(everyMs);
        });
    });
  };
  /** An agent that falls silent says nothing of its edge any more: then it is looked at from here, without waiting for the next round. */
  const onServer = (serverId: string): void => {
    const isUp = deps.agents.server(serverId)?.link.state === 'connected';
    if (isUp === connected.has(serverId)) return;
    if (!isUp) {
      connected.delete(serverId);
      visitLater(serverId, 0);
      return;
    }
    connected.add(serverId);
    // What was missed while nobody spoke for it may be over.
    if ((sights.get(serverId)?.misses ?? 0) > 0) visitLater(serverId, 0);
  };

  const stop = (): void => {
    ending.abort();
    stopRounds();
    stopListening();
    for (const cancel of timers.values()) cancel();
    timers.clear();
    sights.clear();
    connected.clear();
  };
  return {
    sightOf: (serverId) => sights.get(serverId),
    start: () => {
      stop();
      ending = new AbortController();
      stopListening = changes.on((change) => {
        if (change.kind === 'server') onServer(change.id);
      });
      schedule(firstMs);
    },
    stop,
  };
}
