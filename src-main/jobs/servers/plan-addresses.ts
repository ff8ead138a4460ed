import { isGoingBack } from '#contract/api/jobs.ts';
import { type AskedOf, aimsAt } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { readPublicAddresses } from '#contract/public-address.ts';
import { refOf } from '../../checks/site.ts';
import { movingWildcard, withWildcard } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import type { PublicAddress, Server } from '../../model/servers/server.ts';
import { type JobPlan, PlanOutdated, type Within } from '../../ports/job-plan.ts';
import type { Tables } from '../../ports/store.ts';
import { type ClaimedWildcard, claimedWildcards } from './claimed-wildcards.ts';
import { type AddressServerInput, planOn, type ServerJobDeps, serverRowOf } from './server-job.ts';

/** What a person says counts. Throws `PUBLIC_ADDRESS_INVALID`. */
function confirmed(texts: readonly string[]): PublicAddress[] {
  const { addresses, problem } = readPublicAddresses(texts);
  if (problem !== undefined) throw new FarmError('PUBLIC_ADDRESS_INVALID', problem);
  return addresses.map((address) => ({ address, state: 'confirmed' as const }));
}

/**
 * A create or a removal that stands still looks for the addresses itself when it goes on or back. Of a create that is taken back nobody says when its record
 * goes.
 */
async function looksItself(tables: Tables, instanceId: string): Promise<boolean> {
  const lock = await tables.locks.get(`instance:${instanceId}`);
  const job = lock === undefined ? undefined : await tables.jobs.get(lock.jobId);
  if (job === undefined || (job.state !== 'stopped' && job.state !== 'paused')) return false;
  return aimsAt(job.type, 'takes-away', 'instance') || (aimsAt(job.type, 'makes', 'instance') && !isGoingBack(job));
}

/** Those of them that stand, and follow the server. */
const following = (claimed: readonly ClaimedWildcard[]) =>
  claimed.flatMap(({ kept, ...ref }) => (kept === undefined ? [] : [{ ...ref, kept }]));

/** Written with the job. Throws `PlanOutdated` where somebody came, went, went on or changed the addresses since they were read. */
function follow(server: Server, { after, instances, wildcards }: AddressServerInput, claimed: readonly ClaimedWildcard[]): Within {
  const { id: serverId, publicAddresses: before } = server;
  return async (tables) => {
    const now = await tables.servers.get(serverId);
    const there = (await tables.instances.find({ serverId })).filter(({ id }) => instances.every(({ instanceId }) => instanceId !== id));
    const others = await Promise.all(there.map(({ id }) => looksItself(tables, id)));
    if (JSON.stringify(now?.publicAddresses) !== JSON.stringify(before) || others.includes(false)) throw new PlanOutdated();
    for (const { instanceId } of instances) if ((await tables.instances.get(instanceId))?.serverId !== serverId) throw new PlanOutdated();
    if (JSON.stringify(await claimedWildcards(tables, server)) !== JSON.stringify(claimed)) throw new PlanOutdated();
    await tables.servers.patch(serverId, { publicAddresses: after });
    for (const { domainId, kept } of wildcards) {
      const row = await tables.domains.get(domainId);
      const moving = movingWildcard(kept, publicAddressesOf({ publicAddresses: after }));
      if (row !== undefined) await tables.domains.patch(domainId, { dnsSettings: withWildcard(row, moving).dnsSettings });
    }
  };
}

/**
 * At which addresses the world reaches a server from the transaction on that begins the job, which locks every instance on it and every domain whose
 * wildcard leads to it, or would again once a job is undone: that job is waited for. Throws `NOT_FOUND`, `PUBLIC_ADDRESS_INVALID`.
 */
export async function planAddresses({ store }: ServerJobDeps, asked: AskedOf<'address-server'>): Promise<JobPlan<AddressServerInput>> {
  const server = await serverRowOf(store, asked.serverId);
  const after = confirmed(asked.publicAddresses);
  const { id: serverId, name, publicAddresses } = server;
  const followers = [];
  for (const row of await store.instances.find({ serverId })) {
    if (!(await looksItself(store, row.id))) followers.push(row);
  }
  const claimed = await claimedWildcards(store, server);
  const wildcards = following(claimed);
  const before = [...publicAddresses];
  const input = { serverId, name, before, after, instances: followers.map(refOf), wildcards };
  return planOn(server, {
    input,
    more: [...claimed.map(({ domainId }) => `domain:${domainId}`), ...followers.map(({ id }) => `instance:${id}`)],
    within: follow(server, input, claimed),
  });
}
