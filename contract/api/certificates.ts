import * as z from 'zod';
import { certificateId, instant } from '../ids.ts';
import { jobView } from './jobs.ts';
import { look, mark, own, parameters, write } from './base.ts';

export const certificateView = z.object({
  id: certificateId,
  names: z.array(z.string()),
  kind: z.enum(['site-authority', 'test-wildcard']),
  condition: z.object({ mark, code: z.enum(['valid', 'ends-soon', 'ended']), parameters }),
  issuer: z.string(),
  notBeforeMs: instant,
  notAfterMs: instant,
  fingerprintSha256: z.string(),
  keyKind: z.string(),
  serialNumber: z.string(),
  /** Servers whose edge has it. */
  servers: z.array(z.string()),
  isPubliclyTrusted: z.boolean(),
});
export type CertificateView = z.infer<typeof certificateView>;

const file = z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() });
export const certificates = {
  list: look
    .route({ method: 'GET', path: '/certificates', summary: 'Certificates of the farm', tags: ['certificates'] })
    .output(z.object({ certificates: z.array(certificateView) })),
  /** The certificate with its chain as PEM; never the key. */
  download: look
    .route({ method: 'GET', path: '/certificates/{certificateId}/file', summary: 'Download a certificate as PEM', tags: ['certificates'] })
    .input(z.object({ certificateId }))
    .output(file),
  siteAuthority: look
    .route({
      method: 'GET',
      path: '/certificates/site-authority',
      summary: 'The site authority, the one that people are asked to trust',
      tags: ['certificates'],
    })
    .output(file),
  renew: own
    .route({
      method: 'POST',
      path: '/certificates/{certificateId}/renew',
      summary: 'Make the test wildcard anew and install it on every server',
      tags: ['certificates'],
    })
    .input(write({ certificateId }))
    .output(jobView),
};
