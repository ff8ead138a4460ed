import * as z from 'zod';
import { command } from './base.ts';
import { edgeCertificate } from './edge.ts';

export const certificates = {
  /** Puts chain and key on the edge. The same certificate twice is one. */
  install: command.input(z.object({ certificate: edgeCertificate, keyPem: z.string() })).output(z.object({})),
  remove: command.input(z.object({ certificateId: z.string() })).output(z.object({})),
  list: command.output(z.object({ certificates: z.array(edgeCertificate) })),
};
