import type { Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { Evaluator, Saw } from './evaluator.ts';

type ServerCode = ServerView['condition']['code'];
type Code = 'server-identity' | 'server-agent' | 'server-network' | 'server-clock' | 'server-edge' | 'server-disk' | 'server-redirect';

const codeOf: { readonly [S in ServerCode]?: Code } = {
  agent: 'server-agent',
  'agent-hangs': 'server-agent',
  network: 'server-network',
  'agent-or-network': 'server-network',
  clock: 'server-clock',
  disk: 'server-disk',
  edge: 'server-edge',
  redirect: 'server-redirect',
  identity: 'server-identity',
};

/** A server's state is one code: what comes before it was looked at and is not so, what comes after it was not looked at (`model/servers/condition.ts`). */
const order: readonly Code[] = [
  'server-identity',
  'server-agent',
  'server-network',
  'server-clock',
  'server-edge',
  'server-disk',
  'server-redirect',
];

/** Whose state says nothing of the server itself: nobody has looked yet, or another core has it. */
const isUnseen = ({ condition }: ServerView): boolean => condition.mark === 'unknown' || condition.code === 'left';

function parametersOf({ condition, name, field }: ServerView): Alert['parameters'] {
  // Silence alone does not tell a hanging agent from a cut line.
  const mayBeAgent = condition.code === 'agent-or-network' ? 'yes' : 'no';
  return { ...condition.parameters, server: name, instances: field.length, mayBeAgent };
}

/** Began when the agent was last heard, when its edge went dark or its disk became full; otherwise the state's time is that of the link. */
function beganOf({ condition }: ServerView): { readonly beganAtMs?: number } {
  const { code, mark, parameters, sinceMs } = condition;
  const isOfLink = (code === 'clock' && mark === 'warning') || (code === 'disk' && parameters['isFull'] !== 'yes');
  return isOfLink ? {} : { beganAtMs: sinceMs };
}

function sawIn(server: ServerView, code: Code): Saw {
  const present = codeOf[server.condition.code];
  if (present === code) {
    const severity = server.condition.mark === 'bad' ? 'bad' : 'warning';
    return { severity, parameters: parametersOf(server), ...beganOf(server) };
  }
  if (present === undefined) return isUnseen(server) ? 'unknown' : 'good';
  return order.indexOf(code) < order.indexOf(present) ? 'good' : 'unknown';
}
/** For those that are never less than bad. */
function sawBad(server: ServerView, code: Code): Saw<'bad'> {
  const saw = sawIn(server, code);
  return typeof saw === 'string' ? saw : { ...saw, severity: 'bad' };
}

export const serverAgent: Evaluator<'server-agent'> = (server) => sawBad(server, 'server-agent');
export const serverNetwork: Evaluator<'server-network'> = (server) => sawBad(server, 'server-network');
export const serverIdentity: Evaluator<'server-identity'> = (server) => sawBad(server, 'server-identity');
export const serverClock: Evaluator<'server-clock'> = (server) => sawIn(server, 'server-clock');
/** A disk that fills up is told by its share; only of a full one its agent says where, and what is left. */
export const serverDisk: Evaluator<'server-disk'> = (server) => {
  const saw = sawIn(server, 'server-disk');
  return typeof saw === 'string' ? saw : { ...saw, parameters: { isFull: 'no', path: '', freeMegabytes: 0, ...saw.parameters } };
};
export const serverEdge: Evaluator<'server-edge'> = (server) => sawIn(server, 'server-edge');
export const serverRedirect: Evaluator<'server-redirect'> = (server) => {
  const saw = sawIn(server, 'server-redirect');
  return typeof saw === 'string' ? saw : { ...saw, severity: 'warning' };
};
