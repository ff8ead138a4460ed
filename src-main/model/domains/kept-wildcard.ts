import { serverId, type ServerId } from '#contract/ids.ts';
import { sameValues } from './dns-records.ts';
import type { FarmDomain } from './farm-domain.ts';

/** A wildcard record that the farm keeps in a domain's zone: it leads every name to one server, whose instances need no record then. */
export type KeptWildcard = {
  readonly serverId: ServerId;
  /** Every address that stands there because of us. */
  readonly values: readonly string[];
  /** False while it is being made or taken away: who comes now gets a record of its own. */
  readonly isRelied: boolean;
};

export const wildcardNameOf = ({ name }: Pick<FarmDomain, 'name'>): string => `*.${name}`;

/** It lives with the settings of the domain's name server. */
export function keptWildcard({ dnsSettings }: Pick<FarmDomain, 'dnsSettings'>): KeptWildcard | undefined {
  const kept = dnsSettings.wildcard;
  if (typeof kept !== 'object' || kept === null || !('serverId' in kept) || !('values' in kept) || !('isRelied' in kept)) return undefined;
  const id = serverId.safeParse(kept.serverId);
  if (!id.success || !Array.isArray(kept.values)) return undefined;
  return { serverId: id.data, values: kept.values.map(String), isRelied: kept.isRelied === true };
}

export function withWildcard(domain: FarmDomain, kept: KeptWildcard | undefined): FarmDomain {
  const { wildcard: _before, ...others } = domain.dnsSettings;
  return { ...domain, dnsSettings: kept === undefined ? others : { ...others, wildcard: kept } };
}

/** Does the wildcard lead to where the server is? */
export function leadsTo(kept: KeptWildcard | undefined, server: { readonly id: ServerId; readonly addresses: readonly string[] }): boolean {
  return kept?.isRelied === true && kept.serverId === server.id && sameValues(kept.values, server.addresses);
}

export const isSameWildcard = (one: KeptWildcard, other: KeptWildcard): boolean =>
  one.serverId === other.serverId && one.isRelied === other.isRelied && sameValues(one.values, other.values);

/** What the farm writes of a wildcard with the job that moves it: all that may stand there meanwhile is ours. */
export const movingWildcard = (kept: KeptWildcard, values: readonly string[]): KeptWildcard => ({
  ...kept,
  values: [...new Set([...kept.values, ...values])],
});
