import * as z from 'zod';
import type { DomainInspection, DomainView } from '#contract/api/domains.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { domainId as domainIdSchema, type DomainId, type InstanceId, type ServerId } from '#contract/ids.ts';
import { keptWildcard, wildcardNameOf } from '../../model/domains/kept-wildcard.ts';
import { planChange } from '../../model/domains/plan-change.ts';
import { normalizeDnsName } from '../../model/domains/dns-name.ts';
import { type FarmDomain, leavingKey, type OwnedRecord } from '../../model/domains/farm-domain.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AuthoritativeServer, DnsDriver } from '../../ports/dns.ts';
import type { Ids } from '../../ports/ids.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store } from '../../ports/store.ts';
import { inspectDomain } from './inspect-domain.ts';
import { clearWildcard, dropWildcard, keepWildcard } from './keep-wildcard.ts';
import { createReachability } from './reachability.ts';
import { refuseDelegated } from './refuse-delegated.ts';
import { leavingDomains, removeDomain } from './remove-domain.ts';

export type DnsRequest =
  | { readonly kind: 'builtin' }
  | {
      readonly kind: 'powerdns';
      readonly url: string;
      readonly apiKey: string;
      readonly nameServers?: readonly { readonly address: string; readonly port: number }[] | undefined;
    };

/** What is to be otherwise about reaching a PowerDNS server; the rest stays. */
export type DnsChange = {
  readonly [K in Exclude<keyof Extract<DnsRequest, { kind: 'powerdns' }>, 'kind'>]?:
    | Extract<DnsRequest, { kind: 'powerdns' }>[K]
    | undefined;
};

export type DomainService = {
  readonly list: () => Promise<readonly DomainView[]>;
  readonly rows: () => Promise<readonly FarmDomain[]>;
  /** Checks credentials, zone and delegation first; saves; then makes certificates. Throws the driver's coded errors, `DNS_DELEGATED`, `EXISTS`, `NAME_INVALID`. */
  readonly add: (name: string, dns: DnsRequest) => Promise<DomainView>;
  /** Checks the new credentials against the zone first. Throws the driver's coded errors, `NOT_FOUND`, and `PARAMETER_INVALID` for the built-in server. */
  readonly update: (domainId: DomainId, change: DnsChange) => Promise<DomainView>;
  /** Asks the name server what stands in the zone. Throws the driver's coded errors, `DNS_SLOW`, `NOT_FOUND`. */
  readonly inspect: (domainId: DomainId) => Promise<DomainInspection>;
  /** See `remove-domain.ts`. Answers with the name that went, and the one that takes new instances now, if that changed. */
  readonly remove: (domainId: DomainId) => Promise<{ readonly name: string; readonly newDefault: string | undefined }>;
  /** See `keep-wildcard.ts`. */
  readonly keepWildcard: (domainId: DomainId, serverId: ServerId) => Promise<DomainView>;
  readonly dropWildcard: (domainId: DomainId) => Promise<DomainView>;
  /** Brings removals to their end that were cut off, e.g. by a kill. Called once when the farm is opened. */
  readonly resume: () => Promise<void>;
  /** The driver of a domain, kept open. */
  readonly driver: (domainId: DomainId) => Promise<DnsDriver>;
  readonly authoritativeServers: (domainId: DomainId) => Promise<readonly AuthoritativeServer[]>;
  /** Takes every record that is ours out of its zone, as when a whole farm goes. Repeatable; a zone that has gone is fine. */
  readonly clearOwned: () => Promise<void>;
  readonly closeAll: () => Promise<void>;
};

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly changes: Changes;
  readonly probe: Pick<OutsideProbe, 'lookup'>;
  readonly farm: () => Farm;
  readonly createDriver: (kind: FarmDomain['dnsKind'], credentials: unknown) => Promise<DnsDriver>;
  readonly coverDomains: () => Promise<void>;
  readonly ownRecord: (instanceId: InstanceId) => Promise<void>;
  /** Takes what servers still hold of a domain that has gone; those that are away are seen to when they are back. */
  readonly dropCertificates: () => Promise<void>;
};

const powerDnsSettings = z.looseObject({ url: z.string(), apiKey: z.string() });
const domainPattern = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

async function wildcardViewOf(store: Store, row: FarmDomain): Promise<Pick<DomainView, 'wildcard'>> {
  const kept = keptWildcard(row);
  if (kept === undefined) return {};
  const serverName = (await store.servers.get(kept.serverId))?.name ?? '';
  return {
    wildcard: { name: wildcardNameOf(row), values: [...kept.values], serverId: kept.serverId, serverName, isRelied: kept.isRelied },
  };
}

/** The farm's domains, each behind the driver of the name server that serves it. */
export function createDomainService(deps: Deps): DomainService {
  const drivers = new Map<DomainId, Promise<DnsDriver>>();
  // The built-in name server is one process-wide listener for all domains it serves.
  let builtin: Promise<DnsDriver> | undefined;

  const credentialsOf = async (row: FarmDomain): Promise<Readonly<Record<string, unknown>>> => {
    const secret: unknown = JSON.parse(await deps.secrets.open(`domain:${row.id}`, row.sealedCredentials));
    return { ...row.dnsSettings, ...(typeof secret === 'object' ? secret : {}) };
  };
  const openBuiltin = (): Promise<DnsDriver> => {
    if (builtin !== undefined) return builtin;
    const opening = deps.createDriver('builtin', {});
    builtin = opening;
    // a port that was taken may be free the next time
    opening.catch(() => {
      if (builtin === opening) builtin = undefined;
    });
    return opening;
  };
  const rowOf = async (domainId: DomainId): Promise<FarmDomain> => {
    const row = await deps.store.domains.get(domainId);
    if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: domainId });
    return row;
  };
  const driver = (domainId: DomainId): Promise<DnsDriver> => {
    const known = drivers.get(domainId);
    if (known !== undefined) return known;
    const opening = (async () => {
      const row = await rowOf(domainId);
      return row.dnsKind === 'builtin' ? openBuiltin() : deps.createDriver(row.dnsKind, await credentialsOf(row));
    })();
    drivers.set(domainId, opening);
    opening.catch(() => drivers.delete(domainId));
    return opening;
  };
  const reachability = createReachability({
    clock: deps.clock,
    ask: async (domainId) => {
      const row = await deps.store.domains.get(domainId);
      if (row !== undefined) await (await driver(domainId)).findZone(row.name);
    },
    onChange: (id) => deps.changes.announce({ kind: 'domain', id }),
  });
  const nameServerOf = (row: FarmDomain): string => (row.dnsKind === 'powerdns' ? new URL(String(row.dnsSettings.url)).host : 'builtin');

  const viewOf = async (row: FarmDomain): Promise<DomainView> => {
    const records = await deps.store.ownedRecords.find({ domainId: row.id });
    const instances = await deps.store.instances.find({ domainId: row.id });
    const names = new Map(instances.map((instance) => [instance.id, instance.name]));
    return {
      id: row.id,
      name: row.name,
      dns: { kind: row.dnsKind, server: nameServerOf(row), ...reachability.look(row.id) },
      isDefault: row.isDefault,
      ...((await deps.store.settings.get(leavingKey(row.id))) === undefined ? {} : { isLeaving: true }),
      ...(await wildcardViewOf(deps.store, row)),
      records: records.map(({ name, type, value, ttlSeconds, instanceId }) => ({
        name,
        type,
        value,
        ttlSeconds,
        instanceName: names.get(instanceId) ?? '',
      })),
      createdAtMs: row.createdAtMs,
    };
  };

  const clearRecord = async ({ domainId, name, type, value }: OwnedRecord): Promise<void> => {
    const opened = await driver(domainId);
    const zone = await opened.findZone(name);
    const planning = planChange(await opened.list(zone, { name }), {
      action: 'remove',
      zone: zone.name,
      name,
      type,
      values: [value],
      others: 'keep',
    });
    if (planning.kind === 'plan') await opened.apply(zone, planning.plan);
  };

  const clearRecords = async (records: readonly OwnedRecord[]): Promise<void> => {
    for (const record of records) {
      try {
        await clearRecord(record);
      } catch (error) {
        if (!isFarmError(error, 'DNS_ZONE_MISSING')) throw error;
      }
    }
  };
  const clearOwned = async (domainId: DomainId): Promise<void> => {
    await clearRecords(await deps.store.ownedRecords.find({ domainId }));
    await clearWildcard({ driver }, await rowOf(domainId));
  };
  const wildcardDeps = { store: deps.store, driver, ownRecord: deps.ownRecord };
  const changed = (row: FarmDomain): Promise<DomainView> => {
    deps.changes.announce({ kind: 'domain', id: row.id });
    return viewOf(row);
  };
  const remove = async (domainId: DomainId): Promise<{ readonly name: string; readonly newDefault: string | undefined }> => {
    const { row, newDefault } = await removeDomain({ store: deps.store, farm: deps.farm, driver, clearOwned }, domainId);
    const open = drivers.get(domainId);
    drivers.delete(domainId);
    // the built-in one serves others too
    if (row.dnsKind !== 'builtin') void open?.then((old) => old.close()).catch(() => undefined);
    await deps.dropCertificates();
    deps.changes.announce({ kind: 'domain', id: domainId });
    deps.changes.announce({ kind: 'farm', id: row.farmId });
    return { name: row.name, newDefault };
  };

  return {
    clearOwned: async () => {
      for (const { id } of await deps.store.domains.find({ farmId: deps.farm().id })) await clearOwned(id);
    },
    keepWildcard: async (domainId, serverId) => changed(await keepWildcard(wildcardDeps, await rowOf(domainId), serverId)),
    dropWildcard: async (domainId) => changed(await dropWildcard(wildcardDeps, await rowOf(domainId))),
    inspect: async (domainId) => {
      const row = await rowOf(domainId);
      return inspectDomain(deps, row, await driver(domainId), nameServerOf(row));
    },
    remove,
    resume: async () => {
      for (const { id } of await leavingDomains(deps.store, deps.farm())) await remove(id);
    },
    rows: () => deps.store.domains.find({ farmId: deps.farm().id }),
    list: async () => Promise.all((await deps.store.domains.find({ farmId: deps.farm().id })).map(viewOf)),
    add: async (text, dns) => {
      const name = normalizeDnsName(text.trim());
      if (!domainPattern.test(name)) throw new FarmError('NAME_INVALID', { name, reason: 'characters', proposal: '' });
      const farm = deps.farm();
      const rows = await deps.store.domains.find({ farmId: farm.id });
      if (rows.some((row) => row.name === name)) throw new FarmError('EXISTS', { kind: 'domain', name });
      const { kind, ...settings } = dns;
      const { apiKey, ...open } = 'apiKey' in settings ? settings : { apiKey: undefined };
      const opened = kind === 'builtin' ? await openBuiltin() : await deps.createDriver(kind, settings);
      try {
        if (kind === 'builtin') await opened.createZone(name, []);
        if (kind === 'builtin') await opened.authoritativeServers(await opened.findZone(name));
        else await refuseDelegated(deps.probe, opened, await opened.findZone(name), name);
      } catch (error) {
        if (kind !== 'builtin') await opened.close();
        throw error;
      }
      const id = domainIdSchema.parse(deps.ids.uuid());
      const sealedCredentials = await deps.secrets.seal(`domain:${id}`, JSON.stringify(apiKey === undefined ? {} : { apiKey }));
      const row: FarmDomain = {
        id,
        farmId: farm.id,
        name,
        dnsKind: kind,
        dnsSettings: open,
        sealedCredentials,
        isDefault: rows.length === 0,
        createdAtMs: deps.clock.nowMs(),
      };
      await deps.store.domains.insert(row);
      drivers.set(id, Promise.resolve(opened));
      reachability.note(id, true);
      await deps.coverDomains();
      deps.changes.announce({ kind: 'domain', id });
      return viewOf(row);
    },
    update: async (domainId, change) => {
      const row = await rowOf(domainId);
      if (row.dnsKind !== 'powerdns') throw new FarmError('PARAMETER_INVALID', { parameter: 'dns', problem: row.dnsKind });
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      const settings = powerDnsSettings.parse({ ...(await credentialsOf(row)), ...given });
      const opened = await deps.createDriver(row.dnsKind, settings);
      try {
        await opened.authoritativeServers(await opened.findZone(row.name));
      } catch (error) {
        await opened.close();
        throw error;
      }
      const { apiKey: newKey, ...open } = given;
      const sealedCredentials =
        newKey === undefined ? undefined : await deps.secrets.seal(`domain:${row.id}`, JSON.stringify({ apiKey: settings.apiKey }));
      // the farm's own wildcard lives in the same column, and may have come or gone meanwhile
      const next = await deps.store.transaction(async (tables) => {
        const now = await tables.domains.get(domainId);
        return now && tables.domains.patch(domainId, { dnsSettings: { ...now.dnsSettings, ...open }, sealedCredentials });
      });
      if (next === undefined) {
        await opened.close();
        throw new FarmError('NOT_FOUND', { kind: 'domain', name: row.name });
      }
      const before = drivers.get(row.id);
      drivers.set(row.id, Promise.resolve(opened));
      // Whoever is in the middle of a call ends it with the old one.
      void before?.then((old) => old.close()).catch(() => undefined);
      reachability.note(row.id, true);
      deps.changes.announce({ kind: 'domain', id: row.id });
      return viewOf(next);
    },
    driver,
    authoritativeServers: async (domainId) => {
      const row = await deps.store.domains.get(domainId);
      const opened = await driver(domainId);
      return opened.authoritativeServers(await opened.findZone(row?.name ?? domainId));
    },
    closeAll: async () => {
      const open = await Promise.allSettled([...drivers.values(), ...(builtin === undefined ? [] : [builtin])]);
      drivers.clear();
      builtin = undefined;
      await Promise.all(open.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
    },
  };
}
