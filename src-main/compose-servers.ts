import type { CoreOptions } from './compose.ts';
import { createKeptWildcardEffect } from './effects/kept-wildcard.ts';
import { createMembershipEffect, type MembershipDeps } from './effects/membership.ts';
import { createRecordEffect } from './effects/record.ts';
import { createServerAddressesEffect } from './effects/server-addresses.ts';
import { createServerRowEffect } from './effects/server-row.ts';
import { createWildcardRecordEffect } from './effects/wildcard-record.ts';
import type { JobTable } from './engine/job-table.ts';
import { tableOf } from './engine/steps-of.ts';
import { createAddressServerJob } from './jobs/servers/address-server.job.ts';
import { createJoinServerJob } from './jobs/servers/join-server.job.ts';
import { createRemoveServerJob } from './jobs/servers/remove-server.job.ts';
import type { DnsAccess } from './ports/access.ts';
import type { Changes } from './ports/changes.ts';
import type { DnsWritesOf } from './ports/dns-writes.ts';
import type { AgentDirectory } from './services/servers/agent-directory.ts';

type Options = Pick<CoreOptions, 'clock' | 'drivers'> &
  Pick<MembershipDeps, 'identity' | 'agentAuthority' | 'farm'> & {
    readonly dns: DnsAccess;
    readonly dnsWritesOf: DnsWritesOf;
    readonly changes: Changes;
    readonly directory: AgentDirectory;
  };

/** The jobs by which servers join, move to other addresses, and leave. */
export function createServerTables({ drivers, directory, ...options }: Options): readonly JobTable[] {
  const { store, secrets, links, pki, probe } = drivers;
  const shared = { ...options, store, secrets, links, pki, probe };
  const effects = {
    membership: createMembershipEffect(shared),
    row: createServerRowEffect({ ...shared, kept: directory }),
    addresses: createServerAddressesEffect(shared),
    record: createRecordEffect(shared),
    keptWildcard: createKeptWildcardEffect(shared),
    wildcardRecord: createWildcardRecordEffect(shared),
  };
  const deps = { ...shared, agents: directory, effects };
  return [tableOf(createRemoveServerJob(deps)), tableOf(createJoinServerJob(deps)), tableOf(createAddressServerJob(deps))];
}
