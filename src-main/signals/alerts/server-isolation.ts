import type { Evaluator } from './evaluator.ts';

/** An agent that is root and starts nothing, because what it starts would be root too; or that still runs what an earlier agent started so. */
export const serverIsolation: Evaluator<'server-isolation'> = ({ name, isolation, condition }) => {
  // A server that is not heard says nothing; an agent of earlier days never does.
  if (isolation === undefined) return condition.mark === 'bad' || condition.mark === 'unknown' ? 'unknown' : 'good';
  const { state, reason, path, waiting } = isolation;
  if (state === 'shared' || (state === 'own' && waiting === 0)) return 'good';
  return { severity: state === 'refused' ? 'bad' : 'warning', parameters: { server: name, reason, path, waiting } };
};
