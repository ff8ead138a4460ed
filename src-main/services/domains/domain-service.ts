import type { CredentialChange, DomainInspection, DomainView } from '#contract/api/domains.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { DnsRequest } from '#contract/catalogue/providers.ts';
import { type DomainId, domainId as domainIdSchema } from '#contract/ids.ts';
import { domainRowOf, domainStateOf } from '../../checks/domain-state.ts';
import type { BeginAct } from '../../engine/begin-act.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { serverOf } from '../../model/domains/credentials.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import { keptWildcard, wildcardNameOf } from '../../model/domains/kept-wildcard.ts';
import type { By } from '../../model/operators/by.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { DomainDrivers } from '../../ports/access.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store } from '../../ports/store.ts';
import { beginAdd } from './begin-add.ts';
import { beginChange } from './begin-change.ts';
import type { CreateDriver } from './domain-drivers.ts';
import { endOldRemovals } from './end-old-removals.ts';
import { inspectDomain } from './inspect-domain.ts';
import { createReachability } from './reachability.ts';
import { sealLogins } from './seal-logins.ts';

export type DomainService = {
  readonly list: () => Promise<readonly DomainView[]>;
  readonly rows: () => Promise<readonly FarmDomain[]>;
  /** See `begin-add.ts`. */
  readonly add: (name: string, dns: DnsRequest, by: By) => Promise<JobView>;
  /** See `begin-change.ts`. */
  readonly update: (domainId: DomainId, change: CredentialChange, by: By) => Promise<JobView>;
  /** Asks the name server what stands in the zone. Throws the driver's coded errors, `DNS_SLOW`, `NOT_FOUND`. */
  readonly inspect: (domainId: DomainId) => Promise<DomainInspection>;
  /** Seals passwords that an older release kept openly, and begins jobs for removals that it left in the middle. Called once when the farm is opened. */
  readonly resume: () => Promise<void>;
};

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly changes: Changes;
  readonly probe: Pick<OutsideProbe, 'lookup'>;
  readonly farm: () => Farm;
  readonly createDriver: CreateDriver;
  readonly dns: DomainDrivers;
  readonly engine: JobEngine;
  readonly begin: BeginAct;
};

async function wildcardViewOf(store: Store, row: FarmDomain): Promise<Pick<DomainView, 'wildcard'>> {
  const kept = keptWildcard(row);
  if (kept === undefined) return {};
  const serverName = (await store.servers.get(kept.serverId))?.name ?? '';
  return {
    wildcard: { name: wildcardNameOf(row), values: [...kept.values], serverId: kept.serverId, serverName, isRelied: kept.isRelied },
  };
}

/** The farm's domains: what is known of them, and the jobs that change them. */
export function createDomainService(deps: Deps): DomainService {
  const { store, dns } = deps;
  const reachability = createReachability({
    clock: deps.clock,
    ask: async (domainId) => {
      const row = await store.domains.get(domainId);
      if (row !== undefined) await (await dns.driver(domainId)).findZone(row.name);
    },
    onChange: (id) => deps.changes.announce({ kind: 'domain', id }),
  });
  const nameServerOf = (row: FarmDomain): string => serverOf(row.dnsKind, row.dnsSettings);

  const viewOf = async (row: FarmDomain): Promise<DomainView> => {
    const records = await store.ownedRecords.find({ domainId: row.id });
    const instances = await store.instances.find({ domainId: row.id });
    const names = new Map(instances.map((instance) => [instance.id, instance.name]));
    const state = await domainStateOf(store, row.id);
    const lock = await store.locks.get(`domain:${row.id}`);
    return {
      id: row.id,
      name: row.name,
      dns: { kind: row.dnsKind, server: nameServerOf(row), ...reachability.look(row.id) },
      isDefault: row.isDefault,
      ...(state === 'leaving' ? { isLeaving: true } : {}),
      ...(state === 'adding' ? { isComing: true } : {}),
      ...(lock === undefined ? {} : { jobId: lock.jobId }),
      ...(await wildcardViewOf(store, row)),
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

  const rows = (): Promise<readonly FarmDomain[]> => store.domains.find({ farmId: deps.farm().id });
  /** What a new key was tried with just now needs not be asked again. */
  const reached = (job: JobView): JobView => {
    const known = domainIdSchema.safeParse(job.subject.id);
    if (known.success) reachability.note(known.data, true);
    return job;
  };

  return {
    inspect: async (domainId) => {
      const row = await domainRowOf(store, domainId);
      return inspectDomain(deps, row, await dns.driver(domainId), nameServerOf(row));
    },
    add: async (name, request, by) => reached(await beginAdd(deps, name, request, by)),
    update: async (domainId, change, by) => reached(await beginChange(deps, domainId, change, by)),
    resume: async () => {
      await sealLogins(deps);
      await endOldRemovals(deps);
    },
    rows,
    list: async () => Promise.all((await rows()).map(viewOf)),
  };
}
