import type { Evaluator } from './evaluator.ts';

/** The newest fault of the program itself; it goes by its age, for nothing that a person does makes it go. */
export const programFault: Evaluator<'program-fault'> = (fault) =>
  fault === undefined
    ? 'good'
    : { severity: 'warning', parameters: { reference: fault.reference, count: fault.count }, beganAtMs: fault.atMs };
