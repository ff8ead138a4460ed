import { createDomainEffects, type DomainEffectDeps } from './effects/domain-effects.ts';
import type { JobTable } from './engine/job-table.ts';
import { tableOf } from './engine/steps-of.ts';
import { createRenewCertificateJob } from './jobs/certificates/renew-certificate.job.ts';
import { createAddDomainJob } from './jobs/domains/add-domain.job.ts';
import { createChangeDomainJob } from './jobs/domains/change-domain.job.ts';
import { createDropWildcardJob } from './jobs/domains/drop-wildcard.job.ts';
import { createKeepWildcardJob } from './jobs/domains/keep-wildcard.job.ts';
import { createRemoveDomainJob } from './jobs/domains/remove-domain.job.ts';
import type { DomainDrivers } from './ports/access.ts';
import type { DomainJobDeps } from './jobs/domains/domain-job.ts';

/** The jobs that change domains and their certificates. */
export function createDomainTables(
  options: DomainEffectDeps & Pick<DomainJobDeps, 'farm'> & { readonly dns: DomainDrivers; readonly putInOrder: () => void },
): readonly JobTable[] {
  const deps = { store: options.store, dns: options.dns, farm: options.farm, effects: createDomainEffects(options) };
  return [
    tableOf(createAddDomainJob(deps)),
    tableOf(createRemoveDomainJob(deps)),
    tableOf(createKeepWildcardJob(deps)),
    tableOf(createDropWildcardJob(deps)),
    tableOf(createChangeDomainJob(deps)),
    tableOf(createRenewCertificateJob({ ...deps, putInOrder: options.putInOrder })),
  ];
}
