import { implement } from '@orpc/server';
import { agentApi } from '#contract/agent/index.ts';
import { FarmError } from '#contract/errors.ts';
import type { EdgeControl } from '../ports.ts';
import { isPlainId } from './plain-id.ts';

/** Certificates of the edge. The key goes in and never comes out. */
export function createCertificateCommands(edge: EdgeControl) {
  const area = implement(agentApi.certificates);
  return area.router({
    install: area.install.handler(async ({ input }) => {
      if (!isPlainId(input.certificate.certificateId)) throw new FarmError('CERTIFICATE_INVALID', { problem: 'certificateId' });
      await edge.putCertificate(input.certificate, input.keyPem);
      return {};
    }),
    remove: area.remove.handler(async ({ input }) => {
      if (isPlainId(input.certificateId)) await edge.removeCertificate(input.certificateId);
      return {};
    }),
    list: area.list.handler(async () => ({ certificates: [...(await edge.certificates())] })),
  });
}
