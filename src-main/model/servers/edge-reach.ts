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

const problems = {
  'port-taken': 'portTaken',
  'not-listening': 'notListening',
  silent: 'silent',
  failed: 'failed',
} as const satisfies Partial<Record<EdgeHealth['state'], string>>;
const isDark = (state: EdgeHealth['state']): state is keyof typeof problems => state in problems;

/** Why visitors do not reach an edge. `problem` chooses the sentence: `servers.cure.edge.says`, `alerts.server-edge.cause`, `placement.reason.edge`. */
export type DarkEdge = {
  readonly problem: (typeof problems)[keyof typeof problems] | 'outside';
  readonly port: number;
  readonly owner: string;
  readonly cause: string;
  /** Where it was looked for from outside; empty where its agent says it. */
  readonly address: string;
  /** By the agent's clock, where it is the agent who says so. */
  readonly sinceMs: number;
  readonly isAgentsClock: boolean;
};

/** What is seen from outside counts for all; what the agent says counts for its own server only where it is bad news. Undefined: not known to be dark. */
export function darkEdgeOf(signs: EdgeSigns): DarkEdge | undefined {
  const { health } = signs;
  if (health !== undefined && isDark(health.state)) {
    const { port, owner, cause, sinceMs } = health;
    return { problem: problems[health.state], port, owner, cause, address: '', sinceMs, isAgentsClock: true };
  }
  const sight = sightNow(signs);
  if (sight?.state !== 'not-reached' || sight.misses < missesUntilTold) return undefined;
  const { cause, address, atMs } = sight;
  return { problem: 'outside', port: 0, owner: '', cause, address, sinceMs: atMs, isAgentsClock: false };
}

export function reachOf(signs: EdgeSigns): Reach {
  if (darkEdgeOf(signs) !== undefined) return 'not-reached';
  return sightNow(signs)?.state === 'reached' ? 'reached' : 'unknown';
}

export type EdgeFault = Pick<DarkEdge, 'sinceMs' | 'isAgentsClock'> & {
  readonly mark: Mark;
  readonly code: 'edge' | 'redirect';
  readonly parameters: Record<string, string | number>;
};

/** What is wrong with a server's edge, worst first; undefined while nothing is known to be. */
export function edgeFaultOf(signs: EdgeSigns): EdgeFault | undefined {
  const fault = (mark: Mark, problem: string, { port, owner, cause }: { port: number; owner: string; cause: string }, address = '') => ({
    mark,
    parameters: { problem, port, owner: owner === '' ? 'unknown' : owner, cause, address },
  });
  const dark = darkEdgeOf(signs);
  if (dark !== undefined) {
    const { problem, address, sinceMs, isAgentsClock } = dark;
    return { ...fault('bad', problem, dark, address), code: 'edge', sinceMs, isAgentsClock };
  }
  const { health } = signs;
  if (health?.state === 'deaf') return { ...fault('warning', 'deaf', health), code: 'edge', sinceMs: health.sinceMs, isAgentsClock: true };
  if (health?.state === 'serving' && !health.redirect.isListening)
    return { ...fault('warning', 'redirect', health.redirect), code: 'redirect', sinceMs: health.sinceMs, isAgentsClock: true };
  return undefined;
}
