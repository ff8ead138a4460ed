import * as z from 'zod';
import { dnsKind } from '#contract/catalogue/providers.ts';
import { domainId, instanceId, packageId, serverId } from '#contract/ids.ts';
import type { DomainDrivers } from '../../ports/access.ts';
import type { DomainEffects } from '../../effects/domain-effects.ts';
import type { ZoneTarget } from '../../effects/zone.ts';
import type { Store } from '../../ports/store.ts';

/** What the jobs of this area are made of. */
export type DomainJobDeps = {
  readonly store: Store;
  readonly dns: DomainDrivers;
  readonly effects: DomainEffects;
  readonly farm: () => { readonly isDemo: boolean };
};

/** What every job about a domain needs to know when its row has gone. */
export const domainInput = z.object({ domainId, name: z.string(), dnsKind });
export type DomainInput = z.infer<typeof domainInput>;

const kept = z.object({ serverId, values: z.array(z.string()).readonly(), isRelied: z.boolean() });
/** `before`: what the farm kept when the job began; `values`: to where the wildcard is to lead. */
export const keepInput = domainInput.extend({ serverId, values: z.array(z.string()).readonly(), before: kept.nullable() });
export type KeepInput = z.infer<typeof keepInput>;

/** `instances`: everybody on the wildcard's server, whether or not they have a record of their own. */
export const dropInput = domainInput.extend({
  kept,
  instances: z.array(z.object({ instanceId, name: z.string(), domainId, packageId })),
});
export type DropInput = z.infer<typeof dropInput>;

const access = z.object({ settings: z.record(z.string(), z.unknown()), sealedCredentials: z.string() });
export const changeInput = domainInput.extend({ before: access, after: access });
export type ChangeInput = z.infer<typeof changeInput>;

/** What the farm wrote of the wildcard with the job that keeps it: old and new addresses, and that nobody relies on new ones yet. */
export const keptWithJob = ({ serverId: id, values, before }: Pick<KeepInput, 'serverId' | 'values' | 'before'>) => ({
  serverId: id,
  values: [...new Set([...(before?.values ?? []), ...values])],
  isRelied: before?.isRelied ?? false,
});

/** Only the name server inside this program has zones that are ours. */
export const ownZone = ({ dnsKind, domainId, name }: DomainInput): ZoneTarget | undefined =>
  dnsKind === 'builtin' ? { domainId, name } : undefined;
