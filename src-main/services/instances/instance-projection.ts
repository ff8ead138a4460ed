import { createKeyedQueue } from '#kit/keyed-queue.ts';
import * as z from 'zod';
import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { type JobId, jobId } from '#contract/ids.ts';
import { type Localized, localized } from '#contract/package-manifest.ts';
import type { Customer } from '../../model/customers/customer.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Plan } from '../../model/plans/plan.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Change, Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/request.ts';
import type { Store } from '../../ports/store.ts';
import { instanceViewOf } from './instance-view.ts';

export type ProjectionDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly log: Log;
  readonly agents: Pick<Agents, 'instance' | 'server' | 'followsInstances'>;
  /** Do visitors not reach that server? */
  readonly isEdgeDark: (serverId: string) => boolean;
  readonly farm: () => Farm | undefined;
  /** A job as it was last saved; never waits. */
  readonly jobOf: (jobId: JobId) => JobView | undefined;
};

export type InstanceProjection = {
  /** Reads everything; when the farm is opened, and again when it became another one. */
  readonly load: () => Promise<void>;
  readonly all: () => readonly InstanceView[];
  readonly on: (serverId: string) => readonly InstanceView[];
  readonly get: (instanceId: string) => InstanceView | undefined;
  readonly row: (instanceId: string) => Instance | undefined;
  /** Reads one row again; whoever wrote it waits for this before anything is announced. */
  readonly refresh: (instanceId: string) => Promise<void>;
  /** Rises whenever instances came, went or were renamed; `version` also when any view changed. */
  readonly membership: () => number;
  readonly version: () => number;
  readonly close: () => void;
};

type Entry = { row: Instance; view: InstanceView | undefined; condition: InstanceView['condition'] | undefined };
const named = z.object({ name: localized });

/**
 * Every instance of the farm in memory, as people see it. A view is made when it is asked for and kept until something that it shows has
 * changed; ten thousand of them are filtered and counted without touching the store.
 */
export function createInstanceProjection(deps: ProjectionDeps): InstanceProjection {
  const entries = new Map<string, Entry>();
  const byServer = new Map<string, Set<string>>();
  const customers = new Map<string, Customer>();
  const domains = new Map<string, FarmDomain>();
  const servers = new Map<string, Server>();
  const plans = new Map<string, Plan>();
  const packageNames = new Map<string, Localized>();
  let membership = 0;
  let version = 0;
  let everything: readonly InstanceView[] | undefined;

  const touch = (): void => {
    version += 1;
    everything = undefined;
  };
  const forget = (entry: Entry | undefined): void => {
    if (entry?.view === undefined) return;
    entry.view = undefined;
    touch();
  };
  const forgetAll = (): void => {
    for (const entry of entries.values()) entry.view = undefined;
    membership += 1;
    touch();
  };
  const place = (row: Instance | undefined, id: string): void => {
    const before = entries.get(id);
    if (before?.row.serverId != null) byServer.get(before.row.serverId)?.delete(id);
    if (row === undefined) entries.delete(id);
    else {
      entries.set(id, { row, view: undefined, condition: before?.condition });
      if (row.serverId !== null) {
        const there = byServer.get(row.serverId);
        if (there === undefined) byServer.set(row.serverId, new Set([id]));
        else there.add(id);
      }
    }
    membership += 1;
    touch();
  };

  const viewOf = (entry: Entry): InstanceView => {
    if (entry.view !== undefined) return entry.view;
    const { row } = entry;
    const live = deps.agents.instance(row.id);
    const view = instanceViewOf(
      {
        row,
        customer: row.customerId === null ? undefined : customers.get(row.customerId),
        domain: domains.get(row.domainId),
        server: row.serverId === null ? undefined : servers.get(row.serverId),
        plan: plans.get(row.planId),
        packageName: packageNames.get(`${row.packageId}@${row.packageVersion}`),
        job: row.jobId === null ? undefined : deps.jobOf(row.jobId),
        live: live?.serverId === row.serverId ? live : undefined,
        isServerConnected: row.serverId !== null && deps.agents.server(row.serverId)?.link.state === 'connected',
        isFollowed: row.serverId !== null && deps.agents.followsInstances(row.serverId),
        isEdgeDark: row.serverId !== null && deps.isEdgeDark(row.serverId),
        language: deps.farm()?.language ?? 'en',
        nowMs: deps.clock.nowMs(),
      },
      entry.condition,
    );
    entry.view = view;
    entry.condition = view.condition;
    return view;
  };

  const readPackageName = async (row: Instance): Promise<void> => {
    const id = `${row.packageId}@${row.packageVersion}`;
    if (packageNames.has(id)) return;
    const found = await deps.store.packages.get(id);
    const parsed = found === undefined ? undefined : named.safeParse(JSON.parse(found.manifestJson));
    if (parsed?.success === true) packageNames.set(id, parsed.data.name);
  };
  /** Two reads of one row must not overtake each other: the older one would take a reservation back. */
  const reads = createKeyedQueue();
  const refresh = (id: string): Promise<void> => reads.run(id, () => read(id));
  const read = async (id: string): Promise<void> => {
    const row = await deps.store.instances.get(id);
    if (row !== undefined) {
      await readPackageName(row);
      if (row.customerId !== null && !customers.has(row.customerId)) await readCustomer(row.customerId);
      if (!plans.has(row.planId)) {
        const plan = await deps.store.plans.get(row.planId);
        if (plan !== undefined) plans.set(plan.id, plan);
      }
    }
    place(row, id);
  };
  const readCustomer = async (id: string): Promise<void> => {
    const row = await deps.store.customers.get(id);
    if (row === undefined) customers.delete(id);
    else customers.set(id, row);
  };
  const fill = <Row extends { readonly id: string }>(map: Map<string, Row>, rows: readonly Row[]): void => {
    map.clear();
    for (const row of rows) map.set(row.id, row);
  };

  const empty = (): void => {
    entries.clear();
    byServer.clear();
    forgetAll();
  };
  const load = async (): Promise<void> => {
    const farm = deps.farm();
    if (farm === undefined) return empty();
    const where = { farmId: farm.id };
    const found = await deps.store.transaction(async (tables) => ({
      customers: await tables.customers.find(where),
      domains: await tables.domains.find(where),
      servers: await tables.servers.find(where),
      plans: await tables.plans.find(where),
      packages: await tables.packages.find(where),
      instances: await tables.instances.find(where),
    }));
    // only now: while everything is read again nobody may be told that an instance has gone
    empty();
    fill(customers, found.customers);
    fill(domains, found.domains);
    fill(servers, found.servers);
    fill(plans, found.plans);
    packageNames.clear();
    for (const { id, manifestJson } of found.packages) {
      const parsed = named.safeParse(JSON.parse(manifestJson));
      if (parsed.success) packageNames.set(id, parsed.data.name);
    }
    for (const row of found.instances) place(row, row.id);
    forgetAll();
  };

  const reread = async (change: Change): Promise<void> => {
    switch (change.kind) {
      case 'server': {
        const row = await deps.store.servers.get(change.id);
        const name = servers.get(change.id)?.name;
        if (row === undefined) servers.delete(change.id);
        else servers.set(change.id, row);
        if (name !== row?.name) return forgetAll();
        for (const id of byServer.get(change.id) ?? []) forget(entries.get(id));
        return;
      }
      case 'domain': {
        const row = await deps.store.domains.get(change.id);
        if (row !== undefined) domains.set(row.id, row);
        return forgetAll();
      }
      case 'customer':
        await readCustomer(change.id);
        return forgetAll();
      case 'farm':
        return load();
      case 'instance':
      case 'job':
      case 'certificate':
      case 'demo':
      case 'home':
      case 'alert':
        return undefined;
    }
  };
  /** What is about to be read: of any number of changes that come before a read begins, one is enough. */
  const toRead = new Set<string>();
  const rereadOnce = (change: Change): void => {
    const key = `${change.kind} ${change.id}`;
    if (toRead.has(key)) return;
    toRead.add(key);
    reads
      .run(key, () => {
        toRead.delete(key);
        return reread(change);
      })
      .catch((error: unknown) => deps.log.bug(error, { where: 'instance-projection' }));
  };
  const stop = deps.changes.on((change) => {
    if (change.kind === 'instance') return forget(entries.get(change.id));
    if (change.kind === 'job') {
      const subject = deps.jobOf(jobId.parse(change.id))?.subject;
      return forget(subject === undefined ? undefined : entries.get(subject.id));
    }
    return rereadOnce(change);
  });

  return {
    load,
    refresh,
    all: () => {
      everything ??= [...entries.values()].map(viewOf);
      return everything;
    },
    on: (serverId) =>
      [...(byServer.get(serverId) ?? [])].flatMap((id) => {
        const entry = entries.get(id);
        return entry === undefined ? [] : viewOf(entry);
      }),
    get: (id) => {
      const entry = entries.get(id);
      return entry === undefined ? undefined : viewOf(entry);
    },
    row: (id) => entries.get(id)?.row,
    membership: () => membership,
    version: () => version,
    close: stop,
  };
}
