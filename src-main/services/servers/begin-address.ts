import { isGoingBack, type JobView } from '#contract/api/jobs.ts';
import { aimsAt } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { readPublicAddresses } from '#contract/public-address.ts';
import { refOf } from '../../checks/site.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { domainRefOf, type FarmDomain } from '../../model/domains/farm-domain.ts';
import { keptWildcard, movingWildcard, withWildcard } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Job } from '../../model/jobs/job.ts';
import type { By } from '../../model/operators/by.ts';
import type { PublicAddress, Server } from '../../model/servers/server.ts';
import type { Store, Tables } from '../../ports/store.ts';

type Deps = { readonly store: Store; readonly engine: Pick<JobEngine, 'begin'> };

/** What a person says counts. Throws `PUBLIC_ADDRESS_INVALID`. */
export function confirmed(texts: readonly string[]): readonly PublicAddress[] {
  const { addresses, problem } = readPublicAddresses(texts);
  if (problem !== undefined) throw new FarmError('PUBLIC_ADDRESS_INVALID', problem);
  return addresses.map((address) => ({ address, state: 'confirmed' as const }));
}

async function worksOn(tables: Tables, { id }: Pick<Instance, 'id'>): Promise<Job | undefined> {
  const lock = await tables.locks.get(`instance:${id}`);
  return lock === undefined ? undefined : tables.jobs.get(lock.jobId);
}
/** It stands still, and looks for the addresses when it goes on or back. Of a create that is taken back nobody says when its record goes. */
const looksItself = (job: Job | undefined): boolean =>
  job !== undefined &&
  (job.state === 'stopped' || job.state === 'paused') &&
  (aimsAt(job.type, 'takes-away', 'instance') || (aimsAt(job.type, 'makes', 'instance') && !isGoingBack(job)));

/**
 * The instances whose names follow. One whose create or removal stands still is left out: that looks for the addresses itself when it goes on or back. Throws
 * `OBJECT_BUSY` for any other that a job works on.
 */
async function followers(tables: Tables, { id }: Server): Promise<readonly Instance[]> {
  const found: Instance[] = [];
  for (const row of await tables.instances.find({ serverId: id })) {
    const job = await worksOn(tables, row);
    if (job === undefined) found.push(row);
    else if (!looksItself(job)) throw new FarmError('OBJECT_BUSY', { kind: 'instance', name: row.name, jobId: job.id });
  }
  return found;
}

/** The wildcards that the farm keeps for a server, and that follow it. */
export async function followingWildcards({ domains }: Pick<Tables, 'domains'>, server: Pick<Server, 'id'>) {
  return (await domains.find()).flatMap((row: FarmDomain) => {
    const kept = keptWildcard(row);
    return kept?.serverId === server.id ? [{ ...domainRefOf(row), kept }] : [];
  });
}

class Changed extends Error {}
const mostTries = 5;

/**
 * Begins to change at which addresses the world reaches a server: its row in the transaction that begins the job, which locks every instance on it
 * and every domain whose wildcard leads to it. Throws `PUBLIC_ADDRESS_INVALID`, `NOT_FOUND`, `OBJECT_BUSY`; then there is no job.
 */
export async function beginAddress({ store, engine }: Deps, found: Server, texts: readonly string[], by: By): Promise<JobView> {
  const after = confirmed(texts);
  const { id: serverId } = found;
  for (let tries = 1; ; tries += 1) {
    const server = await store.servers.get(serverId);
    if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: found.name });
    const instances = await followers(store, server);
    const wildcards = await followingWildcards(store, server);
    const { name, publicAddresses: before } = server;
    const within = async (tables: Tables): Promise<void> => {
      const now = await tables.servers.get(serverId);
      const there = (await tables.instances.find({ serverId })).filter(({ id }) => instances.every((one) => one.id !== id));
      const others = await Promise.all(there.map((row) => worksOn(tables, row)));
      // somebody came, went, went on or changed the addresses since they were read
      if (JSON.stringify(now?.publicAddresses) !== JSON.stringify(before) || !others.every(looksItself)) throw new Changed();
      for (const { id } of instances) if ((await tables.instances.get(id))?.serverId !== serverId) throw new Changed();
      const keptNow = await followingWildcards(tables, server);
      if (JSON.stringify(keptNow) !== JSON.stringify(wildcards)) throw new Changed();
      await tables.servers.patch(serverId, { publicAddresses: after });
      for (const { domainId, kept } of wildcards) {
        const row = await tables.domains.get(domainId);
        const moving = movingWildcard(kept, publicAddressesOf({ publicAddresses: after }));
        if (row !== undefined) await tables.domains.patch(domainId, { dnsSettings: withWildcard(row, moving).dnsSettings });
      }
    };
    const locks = [
      `server:${serverId}`,
      ...wildcards.map(({ domainId }) => `domain:${domainId}`),
      ...instances.map(({ id }) => `instance:${id}`),
    ];
    const input = { serverId, name, before, after, instances: instances.map(refOf), wildcards };
    try {
      return await engine.begin({ type: 'address-server', subject: { kind: 'server', id: serverId, name }, by, input, locks, within });
    } catch (error) {
      if (!(error instanceof Changed) || tries >= mostTries) throw error;
    }
  }
}
