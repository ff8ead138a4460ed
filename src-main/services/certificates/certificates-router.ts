import { implement } from '@orpc/server';
import { certificates as contract } from '#contract/api/certificates.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { CertificateService } from './certificate-service.ts';
import type { Renewals } from './renewals.ts';

export function createCertificatesRouter(service: () => CertificateService, renewals: () => Pick<Renewals, 'begin'>) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    list: os.list.handler(async () => ({ certificates: [...(await service().list())] })),
    download: os.download.handler(({ input }) => service().file(input.certificateId)),
    siteAuthority: os.siteAuthority.handler(() => service().siteAuthorityFile()),
    renew: os.renew.handler(({ input, context }) => renewals().begin(input.certificateId, { ...context, requestKey: input.requestKey })),
  });
}
