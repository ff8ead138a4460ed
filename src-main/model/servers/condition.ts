import type { HomeSpace } from '#contract/agent/servers.ts';
import type { Mark } from '#contract/api/base.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { Failure } from '#contract/errors.ts';
import { isYounger } from '../age.ts';
import type { Membership } from './server.ts';
import { edgeFaultOf, type EdgeSigns, reachOf } from './edge-reach.ts';

export type ServerCondition = ServerView['condition'];
/** What a server's state is judged by. Times in UTC milliseconds of the core's clock. */
export type ServerSigns = {
  /** The disk that its agent's home is on, as the agent says. */
  readonly home: HomeSpace | undefined;
  readonly link: {
    readonly state: 'connecting' | 'connected' | 'waiting';
    readonly sinceMs: number;
    readonly failure?: Failure;
    readonly clockOffsetMs?: number;
  };
  readonly seenAtMs: number | undefined;
  readonly isDraining: boolean;
  readonly membership: Membership;
  /** 0 … 1 of the capacity. */
  readonly diskFraction: number | undefined;
  /** What is known of its edge; the agent's word counts only while it is heard. */
  readonly edge: Omit<EdgeSigns, 'nowMs'>;
  readonly joinedAtMs: number;
  readonly nowMs: number;
};

/** A clock further away than this makes certificates and charts wrong. */
export const clockLimitMs = 120_000;
export const diskLimit = 0.9;
/** A link that broke is not called a fault before this: agents restart. */
const graceMs = 10_000;

type Code = ServerCondition['code'];
const unreachable: Record<string, { readonly mark: Mark; readonly code: Code }> = {
  refused: { mark: 'bad', code: 'agent' },
  timeout: { mark: 'bad', code: 'agent-or-network' },
  silent: { mark: 'bad', code: 'agent-hangs' },
  name: { mark: 'bad', code: 'network' },
  network: { mark: 'bad', code: 'network' },
  identity: { mark: 'bad', code: 'identity' },
  left: { mark: 'bad', code: 'identity' },
  closed: { mark: 'unknown', code: 'not-seen' },
};

function faultOf(failure: Failure | undefined): { readonly mark: Mark; readonly code: Code } {
  if (failure === undefined) return { mark: 'unknown', code: 'not-seen' };
  if (failure.code === 'CLOCK_OFF') return { mark: 'bad', code: 'clock' };
  if (failure.code === 'CORE_EPOCH_OLD') return { mark: 'bad', code: 'left' };
  if (failure.code === 'AGENT_TOO_OLD') return { mark: 'bad', code: 'agent' };
  return unreachable[String(failure.parameters.cause)] ?? { mark: 'unknown', code: 'not-seen' };
}

/** The state of a server: one mark, one cause. "Offline" is never a cause. */
export function conditionOf(signs: ServerSigns): ServerCondition {
  const { link, nowMs } = signs;
  const seen = signs.seenAtMs ?? 0;
  // a job is at work on it, or waits for a person: whatever else is wrong with it comes after that
  if (signs.membership === 'leaving' || signs.membership === 'given-up')
    return { mark: 'working', code: 'leaving', parameters: {}, sinceMs: seen };
  if (signs.membership === 'joining') return { mark: 'working', code: 'joining', parameters: {}, sinceMs: signs.joinedAtMs };
  if (link.state !== 'connected') {
    const isNew = isYounger(nowMs, signs.joinedAtMs, graceMs);
    if (isNew) return { mark: 'working', code: 'joining', parameters: {}, sinceMs: signs.joinedAtMs };
    // A silent agent says nothing of its edge: whether customers notice is what was last seen from outside.
    const edge = reachOf({ ...signs.edge, health: undefined, nowMs });
    const parameters = { seenAtMs: seen, edge: edge === 'not-reached' ? 'dark' : edge };
    if (link.failure === undefined && link.state === 'connecting') return { mark: 'unknown', code: 'not-seen', parameters, sinceMs: seen };
    return { ...faultOf(link.failure), parameters, sinceMs: seen };
  }
  const offset = link.clockOffsetMs ?? 0;
  const fault = edgeFaultOf({ ...signs.edge, nowMs });
  const faulty = fault && {
    mark: fault.mark,
    code: fault.code,
    parameters: fault.parameters,
    sinceMs: fault.isAgentsClock ? Math.round(fault.sinceMs - offset) : fault.sinceMs,
  };
  if (faulty?.mark === 'bad') return faulty;
  if (Math.abs(offset) > clockLimitMs)
    return { mark: 'warning', code: 'clock', parameters: { seconds: Math.round(offset / 1000) }, sinceMs: link.sinceMs };
  if (signs.home?.isFull === true) {
    const { path, freeBytes, sizeBytes, sinceMs } = signs.home;
    const percent = Math.round((1 - freeBytes / sizeBytes) * 100);
    const parameters = { percent, isFull: 'yes', path, freeMegabytes: Math.floor(freeBytes / 2 ** 20) };
    return { mark: 'bad', code: 'disk', parameters, sinceMs: Math.round(sinceMs - offset) };
  }
  if (signs.diskFraction !== undefined && signs.diskFraction >= diskLimit) {
    return { mark: 'warning', code: 'disk', parameters: { percent: Math.round(signs.diskFraction * 100) }, sinceMs: link.sinceMs };
  }
  if (faulty !== undefined) return faulty;
  if (signs.isDraining) return { mark: 'paused', code: 'draining', parameters: {}, sinceMs: link.sinceMs };
  return { mark: 'good', code: 'ready', parameters: {}, sinceMs: link.sinceMs };
}
