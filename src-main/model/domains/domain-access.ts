import type { FarmDomain } from './farm-domain.ts';

/** How a domain's name server is reached. The credentials are sealed. */
export type DomainAccess = { readonly settings: Readonly<Record<string, unknown>>; readonly sealedCredentials: string };

type Row = Pick<FarmDomain, 'dnsSettings' | 'sealedCredentials'>;

/** Without the farm's own wildcard, which lives in the same column, and comes and goes by itself. */
export function accessOf({ dnsSettings, sealedCredentials }: Row): DomainAccess {
  const { wildcard: _wildcard, ...settings } = dnsSettings;
  return { settings, sealedCredentials };
}

/** The columns of a row that is to be reached so; its wildcard stays. */
export function withAccess({ dnsSettings: { wildcard } }: Pick<Row, 'dnsSettings'>, access: DomainAccess): Row {
  return {
    dnsSettings: { ...access.settings, ...(wildcard === undefined ? {} : { wildcard }) },
    sealedCredentials: access.sealedCredentials,
  };
}

export const isSameAccess = (one: DomainAccess, other: DomainAccess): boolean =>
  one.sealedCredentials === other.sealedCredentials && JSON.stringify(one.settings) === JSON.stringify(other.settings);
