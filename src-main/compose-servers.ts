import type { CoreOptions } from './compose.ts';
import { createMembershipEffect, type MembershipDeps } from './effects/membership.ts';
import { createServerRowEffect } from './effects/server-row.ts';
import type { JobTable } from './engine/job-table.ts';
import { tableOf } from './engine/steps-of.ts';
import { createJoinServerJob } from './jobs/servers/join-server.job.ts';
import { createRemoveServerJob } from './jobs/servers/remove-server.job.ts';
import type { Changes } from './ports/changes.ts';
import type { AgentDirectory } from './services/servers/agent-directory.ts';

type Options = Pick<CoreOptions, 'clock' | 'drivers'> &
  Pick<MembershipDeps, 'identity' | 'agentAuthority' | 'farm'> & {
    readonly changes: Changes;
    readonly directory: AgentDirectory;
  };

/** The jobs by which servers join and leave. */
export function createServerTables({ drivers, directory, ...options }: Options): readonly JobTable[] {
  const { store, secrets, links, pki } = drivers;
  const shared = { ...options, store, secrets, links, pki };
  const effects = { membership: createMembershipEffect(shared), row: createServerRowEffect({ ...shared, kept: directory }) };
  const deps = { store, agents: directory, effects };
  return [tableOf(createRemoveServerJob(deps)), tableOf(createJoinServerJob(deps))];
}
