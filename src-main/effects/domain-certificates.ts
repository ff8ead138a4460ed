import type { Leftover } from '#contract/api/jobs.ts';
import { isFarmError } from '#contract/errors.ts';
import { lookAt } from '../checks/site.ts';
import type { DomainRef } from '../model/domains/farm-domain.ts';
import type { Server } from '../model/servers/server.ts';
import type { Farm } from '../model/settings/farm.ts';
import type { CertificateAccess } from '../ports/access.ts';
import type { Agents } from '../ports/agents.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { EdgeCertificates } from './edge-certificates.ts';
import type { Effect, History } from './effect.ts';

export type DomainCertificatesDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly agents: Agents;
  readonly edges: EdgeCertificates;
  readonly certificates: CertificateAccess;
  readonly farm: () => Farm;
};
/** Names of servers. `any`: with a certificate of the domain; `lacks`: without the newest; `away`: not connected just now. */
export type DomainCertificatesFacts = {
  readonly any: readonly string[];
  readonly lacks: readonly string[];
  readonly away: readonly string[];
};

/** So many servers are asked at once. */
const mostAtOnce = 10;

/** What the last removal saved: names of servers that were away when it was there. Where nothing was to be removed, what was seen before it says so. */
const awayAtRemoval = ({ noted, before }: History<DomainCertificatesFacts>): readonly string[] => {
  if (Array.isArray(noted.away)) return noted.away.map(String);
  return typeof before === 'object' ? before.away : [];
};

type OnOne = { readonly server: Server; readonly holds: 'newest' | 'older' | 'none' | 'away' };

/**
 * The newest certificate of a domain on every server that is connected. One that is away is told as such, and gets it, or loses it, when its link is
 * back: whoever puts a server in order that came back does that.
 */
export function createDomainCertificatesEffect(deps: DomainCertificatesDeps): Effect<DomainRef, object, DomainCertificatesFacts> {
  const isAway = ({ id }: Server): boolean => deps.agents.server(id)?.link.state !== 'connected';
  const unlessAway = async <Answer>(server: Server, ask: () => Promise<Answer>): Promise<Answer | 'away'> => {
    if (isAway(server)) return 'away';
    try {
      return await ask();
    } catch (error) {
      if (isFarmError(error, 'SERVER_UNREACHABLE')) return 'away';
      throw error;
    }
  };
  /** Every server is asked, also where one of them fails; the first failure is thrown after the last has answered. */
  const onEach = async <Answer>(ask: (server: Server) => Promise<Answer>): Promise<readonly Answer[]> => {
    const servers = await deps.store.servers.find({ farmId: deps.farm().id });
    const settled: PromiseSettledResult<Answer>[] = [];
    for (let at = 0; at < servers.length; at += mostAtOnce)
      settled.push(...(await Promise.allSettled(servers.slice(at, at + mostAtOnce).map(ask))));
    return settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  };
  const newestOf = async ({ domainId }: DomainRef): Promise<string | undefined> => {
    try {
      return await deps.certificates.newestFingerprint(domainId);
    } catch (error) {
      if (isFarmError(error, 'CERTIFICATE_MISSING')) return undefined;
      throw error;
    }
  };
  /** An edge holds only what the farm put there. What belongs to another domain, which has come to the name since, is not this one's. */
  const heldBy = async (ref: DomainRef, { id }: Server) => {
    await deps.edges.settled(id, ref.domainId);
    const listed = (await (await lookAt(deps, id)).certificates.list()).certificates.filter(({ names }) => names.includes(`*.${ref.name}`));
    const rows = await Promise.all(listed.map(({ certificateId }) => deps.store.certificates.get(certificateId)));
    return listed.filter((_, at) => (rows[at]?.domainId ?? ref.domainId) === ref.domainId);
  };
  const look = async (ref: DomainRef): Promise<readonly OnOne[]> => {
    const newest = await newestOf(ref);
    return onEach(async (server) => {
      const held = await unlessAway(server, () => heldBy(ref, server));
      if (held === 'away') return { server, holds: held };
      const isNewest = held.some(({ fingerprintSha256 }) => fingerprintSha256 === newest);
      return { server, holds: isNewest ? 'newest' : held.length > 0 ? 'older' : 'none' };
    });
  };
  const namesOf = (found: readonly OnOne[], ...holds: OnOne['holds'][]): string[] =>
    found.filter((one) => holds.includes(one.holds)).map(({ server }) => server.name);
  /** `back`: servers that were away at a removal: what they still hold goes when they are put in order, which may not have come to it yet. */
  const leftoversOf = (ref: DomainRef, found: readonly OnOne[], back: readonly string[] = []): Leftover[] =>
    found.map(({ server, holds }) => {
      const isHeld = holds === 'newest' || holds === 'older';
      const isLater = holds === 'away' || (isHeld && back.includes(server.name));
      return {
        code: isLater ? 'certificate-later' : 'certificate',
        parameters: { server: server.name, name: `*.${ref.name}` },
        isPresent: isHeld && !isLater,
        checkedAtMs: deps.clock.nowMs(),
        witness: isLater ? 'core' : server.name,
      };
    });
  const factsOf = (found: readonly OnOne[]): DomainCertificatesFacts => ({
    any: namesOf(found, 'newest', 'older'),
    lacks: namesOf(found, 'older', 'none'),
    away: namesOf(found, 'away'),
  });

  return {
    kind: 'domain-certificates',
    timeoutMs: 120_000,
    waiting: () => ({ code: 'check', parameters: {} }),
    known: async (ref) => {
      const servers = await deps.store.servers.find({ farmId: deps.farm().id });
      const seen = await Promise.all(
        servers.map(async (server) => ({
          server,
          holds: isAway(server) ? ('away' as const) : await deps.certificates.knownOn(server.id, ref.domainId),
        })),
      );
      if (seen.some(({ holds }) => holds === 'unknown')) return 'unknown';
      const named = (...holds: string[]): string[] => seen.filter((one) => holds.includes(one.holds)).map(({ server }) => server.name);
      const any = named('newest');
      return any.length === 0 && named('away').length === 0 ? 'absent' : { any, lacks: named('other'), away: named('away') };
    },
    observe: async (ref) => {
      const found = await look(ref);
      return found.every(({ holds }) => holds === 'none') ? 'absent' : factsOf(found);
    },
    describe: (seen, wanted, { name }) => {
      const parameters = { name };
      const facts = typeof seen === 'object' ? seen : undefined;
      if (wanted === 'absent')
        return seen === 'unknown' || (facts !== undefined && facts.any.length > 0)
          ? { code: 'domain-certificates-out', parameters }
          : undefined;
      return facts?.lacks.length === 0 ? undefined : { code: 'domain-certificates-in', parameters };
    },
    ensure: async (ref, _wanted, _seen, call) => {
      await onEach((server) => {
        if (!isAway(server)) call.waitFor({ code: 'server', parameters: { server: server.name } });
        return unlessAway(server, () => deps.edges.ensureOn(server.id, ref.domainId));
      });
      const found = await look(ref);
      await call.show({ traces: leftoversOf(ref, found) });
      return factsOf(found);
    },
    remove: async (ref, _seen, call) => {
      const passed = await onEach(async (server) => ({
        server,
        answer: await unlessAway(server, () => deps.edges.removeFrom(server.id, ref)),
      }));
      await call.note({ away: passed.filter(({ answer }) => answer === 'away').map(({ server }) => server.name) });
      return 'gone';
    },
    restore: () => ({}),
    // Only a removal leaves something to servers that were away; what is brought to them is told by what they hold.
    evidence: async (ref, history) => leftoversOf(ref, await look(ref), history.after === undefined ? awayAtRemoval(history) : []),
  };
}
