import type { AskedOf } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { broughtBy } from '../../checks/brought.ts';
import { domainRowOf, presentRow } from '../../checks/domain-state.ts';
import { type JobDefinition, use } from '../../effects/effect.ts';
import { describeRecords } from '../../model/domains/dns-records.ts';
import { domainRefOf } from '../../model/domains/farm-domain.ts';
import { keptWildcard, wildcardNameOf, withWildcard } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { claimingSets } from '../../model/domains/wildcards.ts';
import type { JobPlan } from '../../ports/job-plan.ts';
import { type DomainJobDeps, type KeepInput, keepInput, keptWithJob } from './domain-job.ts';
import { planOn } from './plan-on.ts';

/**
 * Ours before it is written; relied on after. Asked again for the same server it follows that server's addresses. Throws `NOT_FOUND`; its `within` also
 * `EXISTS` for another server, `SERVER_DOES_NOT_FIT`.
 */
async function plan({ store }: DomainJobDeps, { domainId, serverId }: AskedOf<'keep-wildcard'>): Promise<JobPlan<KeepInput>> {
  const domain = await domainRowOf(store, domainId);
  const server = await store.servers.get(serverId);
  if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
  const before = keptWildcard(domain);
  const input = { ...domainRefOf(domain), serverId, values: publicAddressesOf(server), before: before ?? null };
  return planOn(domain, {
    input,
    server: server.name,
    within: async (tables) => {
      const row = await presentRow(tables, domain);
      if (JSON.stringify(keptWildcard(row)) !== JSON.stringify(before))
        throw new FarmError('EXISTS', { kind: 'record', name: wildcardNameOf(domain) });
      const place = await tables.servers.get(serverId);
      if (place === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: server.name });
      const isJoining = place.membership === 'joining' || (await broughtBy(tables, 'server', serverId)) !== undefined;
      // every name would lead to a server that is on its way out, or whose join may still take itself back
      if (isJoining || place.membership !== 'in')
        throw new FarmError('SERVER_DOES_NOT_FIT', { server: place.name, reason: isJoining ? 'joining' : 'leaving' });
      await tables.domains.patch(row.id, { dnsSettings: withWildcard(row, keptWithJob(input)).dnsSettings });
    },
  });
}

/** Throws `EXISTS` for another server, `DNS_REFUSED` for one without an address, `DNS_UNSAFE` where somebody else has a wildcard, and what the driver throws. */
async function refuse({ dns }: DomainJobDeps, { input, parameters }: JobPlan<KeepInput>): Promise<undefined> {
  const { domainId, name: domain, serverId, before, values } = input;
  const name = wildcardNameOf({ name: domain });
  if (before !== null && before.serverId !== serverId) throw new FarmError('EXISTS', { kind: 'record', name });
  if (values.length === 0) {
    const server = String((await parameters()).server);
    throw new FarmError('DNS_REFUSED', { domain, name, server, reason: 'no-public-address' });
  }
  const driver = await dns.driver(domainId);
  const standing = claimingSets(await driver.list(await driver.findZone(domain), { name }));
  const isOurs = (value: string): boolean => before?.values.includes(value) === true;
  const foreign = standing.filter(({ values: served, disabled = [] }) => [...served, ...disabled].some((value) => !isOurs(value)));
  if (foreign.length > 0) throw new FarmError('DNS_UNSAFE', { name, found: describeRecords(foreign) });
}

/** One wildcard record for a server. It is saved as ours before it is written, and relied on after. */
export function createKeepWildcardJob(deps: DomainJobDeps): JobDefinition<KeepInput> {
  const { effects } = deps;
  return {
    type: 'keep-wildcard',
    version: 1,
    continues: [],
    begin: { plan: (asked) => plan(deps, asked), refuse: (_asked, planned) => refuse(deps, planned) },
    read: (input) => keepInput.parse(input),
    parts: (i) => {
      const ref = () => i;
      const { serverId, values, before } = i;
      const withJob = keptWithJob(i);
      return [
        use('save', effects.keptWildcard).ensure(ref, () => withJob, { before: before ?? 'absent', isWithJob: true }),
        use('record', effects.wildcardRecord).ensure(ref, () => ({ values })),
        // instances that come from here on have no record of their own: taking the wildcard out again would lose them
        use('rely', effects.keptWildcard).ensure(ref, () => ({ serverId, values, isRelied: true }), { before: withJob, isNoReturn: true }),
      ];
    },
  };
}
