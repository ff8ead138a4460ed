import type { JudgedCertificate } from '../../ports/alerts.ts';
import type { Evaluator } from './evaluator.ts';

const said = ({ condition, names }: JudgedCertificate) => ({ ...condition.parameters, names: names.join(', ') });

export const certificateEnds: Evaluator<'certificate-ends'> = (certificate) =>
  certificate.condition.code === 'ends-soon' ? { severity: 'warning', parameters: said(certificate) } : 'good';

export const certificateEnded: Evaluator<'certificate-ended'> = (certificate) =>
  certificate.condition.code === 'ended' ? { severity: 'bad', parameters: said(certificate), beganAtMs: certificate.notAfterMs } : 'good';
