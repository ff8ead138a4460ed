import type { DnsKind } from '#contract/catalogue/providers.ts';
import type { DomainId } from '#contract/ids.ts';
import { domainRowOf } from '../../checks/domain-state.ts';
import { liftLogins } from '../../model/domains/credentials.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { DomainDrivers } from '../../ports/access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DnsCall, OpenedDns } from '../../ports/dns.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store } from '../../ports/store.ts';

/** A driver for a provider's credentials. Throws `CREDENTIAL_INVALID` and the driver's coded errors. */
export type CreateDriver = (kind: DnsKind, credentials: Readonly<Record<string, unknown>>) => Promise<OpenedDns>;

type Deps = {
  readonly store: Pick<Store, 'domains'>;
  readonly secrets: Secrets;
  readonly createDriver: CreateDriver;
  readonly clock: Pick<Clock, 'nowMs'>;
};

/** Whoever asks the name servers sees by their answers when these are no longer the ones. */
const recently: DnsCall = { mayBeRecent: true };

/** Where the secret part of a domain's access is sealed. */
export const sealContext = (domainId: DomainId): string => `domain:${domainId}`;

/** How the name server is reached, secrets opened. Throws what `secrets.open` throws. */
export async function credentialsOf(secrets: Secrets, row: FarmDomain): Promise<Readonly<Record<string, unknown>>> {
  const secret: unknown = JSON.parse(await secrets.open(sealContext(row.id), row.sealedCredentials));
  return liftLogins(row.dnsKind, { ...row.dnsSettings, ...(typeof secret === 'object' ? secret : {}) });
}

/** The drivers of the farm's domains, each opened when it is first asked for. The built-in name server is one listener for all domains that it serves. */
export function createDomainDrivers(deps: Deps): DomainDrivers & {
  readonly closeAll: () => Promise<void>;
  /** Since when the built-in name server does not answer, or could not be opened; undefined while it does, and where no domain asked for it. */
  readonly silentSinceMs: () => number | undefined;
} {
  const drivers = new Map<DomainId, Promise<OpenedDns>>();
  let builtin: Promise<OpenedDns> | undefined;
  let silentSinceMs = (): number | undefined => undefined;

  const openBuiltin = (): Promise<OpenedDns> => {
    if (builtin !== undefined) return builtin;
    const opening = deps.createDriver('builtin', {});
    builtin = opening;
    // a port that was taken may be free the next time
    opening.then(
      (opened) => {
        silentSinceMs = opened.silentSinceMs ?? (() => undefined);
      },
      () => {
        const sinceMs = silentSinceMs() ?? deps.clock.nowMs();
        silentSinceMs = () => sinceMs;
        if (builtin === opening) builtin = undefined;
      },
    );
    return opening;
  };
  const driver = (domainId: DomainId): Promise<OpenedDns> => {
    const known = drivers.get(domainId);
    if (known !== undefined) return known;
    const opening = (async () => {
      const row = await domainRowOf(deps.store, domainId);
      return row.dnsKind === 'builtin' ? openBuiltin() : deps.createDriver(row.dnsKind, await credentialsOf(deps.secrets, row));
    })();
    drivers.set(domainId, opening);
    opening.catch(() => {
      if (drivers.get(domainId) === opening) drivers.delete(domainId);
    });
    return opening;
  };
  return {
    driver,
    builtin: openBuiltin,
    forget: (domainId) => {
      const open = drivers.get(domainId);
      drivers.delete(domainId);
      const close = async (): Promise<void> => {
        const old = await open;
        // the built-in one serves others too
        if (old !== undefined && old !== (await builtin)) await old.close();
      };
      close().catch(() => undefined);
    },
    authoritativeServers: async (domainId) => {
      const row = await deps.store.domains.get(domainId);
      const opened = await driver(domainId);
      return opened.authoritativeServers(await opened.findZone(row?.name ?? domainId, recently), recently);
    },
    silentSinceMs: () => silentSinceMs(),
    closeAll: async () => {
      const open = await Promise.allSettled([...drivers.values(), ...(builtin === undefined ? [] : [builtin])]);
      drivers.clear();
      builtin = undefined;
      silentSinceMs = () => undefined;
      await Promise.all(open.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
    },
  };
}
