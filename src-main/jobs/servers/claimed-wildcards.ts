import { beforeIn } from '../../engine/steps-of.ts';
import { type DomainRef, domainRefOf, type FarmDomain } from '../../model/domains/farm-domain.ts';
import { type KeptWildcard, keptWildcard } from '../../model/domains/kept-wildcard.ts';
import { isEnded } from '../../model/jobs/machine.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Tables } from '../../ports/store.ts';

type Read = Pick<Tables, 'domains' | 'locks' | 'jobs' | 'jobSteps'>;

/** What the job that works on the domain took out of its row, and brings back as it was when it is undone. */
async function takenOut(tables: Read, domain: FarmDomain): Promise<KeptWildcard | undefined> {
  const lock = await tables.locks.get(`domain:${domain.id}`);
  const job = lock === undefined ? undefined : await tables.jobs.get(lock.jobId);
  if (job === undefined || isEnded(job.state)) return undefined;
  const before = (await tables.jobSteps.find({ jobId: job.id })).map(({ checkpoint }) => beforeIn(checkpoint, 'kept-wildcard'));
  return before.map((wildcard) => keptWildcard({ dnsSettings: { wildcard } })).find((kept) => kept !== undefined);
}

/** A domain's wildcard that leads to a server. `kept`: undefined while a job has taken it out that may still bring it back. */
export type ClaimedWildcard = DomainRef & { readonly kept: KeptWildcard | undefined };

/** The wildcards that lead to a server, or do again once a job is undone that has taken them out. */
export async function claimedWildcards(tables: Read, { id }: Pick<Server, 'id'>): Promise<readonly ClaimedWildcard[]> {
  const claimed: ClaimedWildcard[] = [];
  for (const row of await tables.domains.find()) {
    const kept = keptWildcard(row);
    if ((kept ?? (await takenOut(tables, row)))?.serverId === id) claimed.push({ ...domainRefOf(row), kept });
  }
  return claimed;
}
