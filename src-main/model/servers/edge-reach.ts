import type { EdgeHealth } from '#contract/agent/edge.ts';
import type { Mark } from '#contract/api/base.ts';

/**
 * What one address of a server looked like from outside. `reached`: its edge answered, whatever it said. `not-reached`: nothing did, for `cause`.
 * `unclear`: the name or the certificate was in the way, which says nothing of the edge.
 */
export type Sight = {
  readonly state: 'reached' | 'not-reached' | 'unclear';
  readonly cause: string;
  /** Where it was looked for: host and port. */
  readonly address: string;
  readonly atMs: number;
  /** In a row, this one included. */
  readonly misses: number;
};

/** Sights are taken each minute; one that is older than this tells nothing any more. */
export const sightLastsMs = 150_000;
/** One lost packet is no dark server. */
const missesUntilTold = 2;

export type EdgeSigns = {
  /** What its agent says; undefined when it says nothing, or is silent. */
  readonly health: EdgeHealth | undefined;
  readonly sight: Sight | undefined;
  readonly nowMs: number;
};

/** Do visitors reach it, as far as can be known? */
export type Reach = 'reached' | 'not-reached' | 'unknown';

function sightNow({ sight, nowMs }: EdgeSigns): Sight | undefined {
  return sight === undefined || nowMs - sight.atMs > sightLastsMs ? undefined : sight;
}

const darkStates: readonly EdgeHealth['state'][] = ['port-taken', 'not-listening', 'silent', 'failed'];

/** What is seen from outside counts for all; what the agent says counts for its own server only where it is bad news. */
export function reachOf(signs: EdgeSigns): Reach {
  const { health } = signs;
  if (health !== undefined && darkStates.includes(health.state)) return 'not-reached';
  const sight = sightNow(signs);
  if (sight?.state === 'reached') return 'reached';
  if (sight?.state === 'not-reached' && sight.misses >= missesUntilTold) return 'not-reached';
  return 'unknown';
}

/** `problem` chooses the sentence: `servers.cure.edge.says`, `desk.worry.server-edge.cause`. */
export type EdgeFault = {
  readonly mark: Mark;
  readonly code: 'edge' | 'redirect';
  readonly parameters: Record<string, string | number>;
  /** By the agent's clock, where it is the agent who says so. */
  readonly sinceMs: number;
  readonly isAgentsClock: boolean;
};

const problems: Partial<Record<EdgeHealth['state'], string>> = {
  'port-taken': 'portTaken',
  'not-listening': 'notListening',
  silent: 'silent',
  failed: 'failed',
};

/** What is wrong with a server's edge, worst first; undefined while nothing is known to be. */
export function edgeFaultOf(signs: EdgeSigns): EdgeFault | undefined {
  const { health } = signs;
  const fault = (mark: Mark, problem: string, { port, owner, cause }: { port: number; owner: string; cause: string }) => ({
    mark,
    parameters: { problem, port, owner: owner === '' ? 'unknown' : owner, cause, address: '' },
  });
  if (health !== undefined) {
    const problem = problems[health.state];
    if (problem !== undefined) return { ...fault('bad', problem, health), code: 'edge', sinceMs: health.sinceMs, isAgentsClock: true };
  }
  const sight = sightNow(signs);
  if (sight !== undefined && reachOf(signs) === 'not-reached') {
    const { cause, address, atMs } = sight;
    const parameters = { problem: 'outside', port: 0, owner: 'unknown', cause, address };
    return { mark: 'bad', code: 'edge', parameters, sinceMs: atMs, isAgentsClock: false };
  }
  if (health?.state === 'deaf') return { ...fault('warning', 'deaf', health), code: 'edge', sinceMs: health.sinceMs, isAgentsClock: true };
  if (health?.state === 'serving' && !health.redirect.isListening)
    return { ...fault('warning', 'redirect', health.redirect), code: 'redirect', sinceMs: health.sinceMs, isAgentsClock: true };
  return undefined;
}
