import { isEnded } from '../model/jobs/machine.ts';
import { FarmError } from '#contract/errors.ts';
import { publicAddressesOf } from '../model/domains/server-addresses.ts';
import type { Store } from '../ports/store.ts';
import { type OnServer, placedSiteOf } from './site.ts';

type Deps = { readonly store: Pick<Store, 'domains' | 'servers' | 'locks' | 'jobs'> };

/**
 * Where an instance's name is to lead now, whatever was right when its job began. Throws `OBJECT_BUSY` while a job changes the addresses of the server: that
 * job knows nothing of an instance that comes back meanwhile, and may yet be undone. Throws as `placedSiteOf`.
 */
export async function presentAddresses(
  deps: Deps,
  at: OnServer,
): Promise<{ readonly addresses: readonly string[]; readonly server: string }> {
  const { server } = await placedSiteOf(deps, at);
  const lock = await deps.store.locks.get(`server:${server.id}`);
  const job = lock === undefined ? undefined : await deps.store.jobs.get(lock.jobId);
  if (job?.type === 'address-server' && !isEnded(job.state))
    throw new FarmError('OBJECT_BUSY', { kind: 'server', name: server.name, jobId: job.id });
  return { addresses: publicAddressesOf(server), server: server.name };
}
