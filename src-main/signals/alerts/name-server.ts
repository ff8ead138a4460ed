import type { Evaluator } from './evaluator.ts';

/** The name server that is part of this program, where the farm uses it: it does not answer. */
export const nameServer: Evaluator<'name-server'> = (_home, { nameServerSilentSinceMs }) =>
  nameServerSilentSinceMs === undefined ? 'good' : { severity: 'bad', parameters: {}, beganAtMs: nameServerSilentSinceMs };
