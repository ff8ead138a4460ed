import { hasAnswered } from '../model/domains/name-outcome.ts';
import { publicAddressesOf } from '../model/domains/server-addresses.ts';
import { leadingSets, wildcardNamesOver } from '../model/domains/wildcards.ts';
import type { DnsReads, DnsZone } from '../ports/dns.ts';
import type { NameEvidence, NameServerAddress, OutsideProbe } from '../ports/probe.ts';
import type { Store } from '../ports/store.ts';
import type { Site } from './site.ts';

type Deps = { readonly store: Pick<Store, 'servers'>; readonly probe: Pick<OutsideProbe, 'lookup'> };

/** A wildcard that answers for an instance's name before it has a record of its own, and after. */
export type Wildcard = {
  readonly name: string;
  /** Addresses, each with the server of this farm that has it, or the name that it is an alias of. */
  readonly leads: string;
};

/** The wildcard that stands nearest above the name; undefined where there is none. */
export async function wildcardOver(
  deps: Pick<Deps, 'store'>,
  site: Site,
  { driver, zone }: { readonly driver: DnsReads; readonly zone: DnsZone },
  signal: AbortSignal,
): Promise<Wildcard | undefined> {
  for (const name of wildcardNamesOver(site.host, zone.name)) {
    const sets = leadingSets(await driver.list(zone, { name }, { signal }));
    if (sets.length === 0) continue;
    const servers = await deps.store.servers.find({ farmId: site.domain.farmId });
    const told = (value: string): string => {
      const server = servers.find((one) => publicAddressesOf(one).includes(value));
      return server === undefined ? value : `${value} (${server.name})`;
    };
    return { name, leads: sets.flatMap((set) => set.values.map(told)).join(', ') };
  }
  return undefined;
}

/**
 * Tells the wildcard's answers from others: each name server is asked for a name that nobody has. That holds for aliases too, also for
 * one that leads out of the zone, whose answer has no address. `ask` anew before every round.
 */
export function createStranger({ probe }: Pick<Deps, 'probe'>, site: Site, wildcard: Wildcard | undefined) {
  const name = `nobody-${site.instanceId.slice(-12)}.${site.domain.name}`;
  let answers: readonly NameEvidence[] = [];
  return {
    ask: async (
      addresses: readonly NameServerAddress[],
      options: { readonly timeoutMs: number; readonly signal: AbortSignal },
    ): Promise<void> => {
      answers = wildcard === undefined ? [] : await probe.lookup(name, addresses, options);
    },
    /** The server says exactly what it says for everybody: there is nothing of ours in it, or nobody could tell. */
    isSameAs: (answer: NameEvidence): boolean =>
      leadsSomewhere(answer) &&
      answers.some(
        ({ server, outcome, addresses: told }) =>
          server === answer.server && outcome === answer.outcome && told.join() === answer.addresses.join(),
      ),
  };
}

/** An alias whose target stands in another zone is an answer without addresses. */
const leadsSomewhere = ({ outcome, addresses }: NameEvidence): boolean =>
  outcome.startsWith('alias-') || (hasAnswered(outcome) && addresses.length > 0);
