import type { Evaluator } from './evaluator.ts';

/** Something on a server that could not be put in order. A server that could not be reached said nothing of it. */
export const serverDrift: Evaluator<'server-drift'> = ({ serverId, kind, name, failure, sinceMs }, { servers }) => {
  const server = servers.find(({ id }) => id === serverId);
  if (server === undefined || failure.code === 'SERVER_UNREACHABLE') return 'unknown';
  return { severity: 'warning', parameters: { what: kind, name, server: server.name }, failure, beganAtMs: sinceMs };
};
