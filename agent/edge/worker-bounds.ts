import { type HoldLimits, usualHoldLimits } from './holds.ts';
import { type UpstreamLimits, usualUpstreamLimits } from './upstream/limits.ts';

export type WorkerBounds = {
  readonly upstream: UpstreamLimits;
  readonly holds: HoldLimits;
  readonly uploads: number;
  readonly connections: number;
  readonly connectionsPerVisitor: number;
};

const connections = 16_384;

/**
 * The bounds of one of so many workers: what counts things is divided, what counts time is not. All together never pass the bounds of the edge; one may be
 * at its own while another has room.
 */
export function boundsOf(workers: number): WorkerBounds {
  const part = (whole: number): number => Math.max(1, Math.floor(whole / workers));
  const upstream = usualUpstreamLimits;
  return {
    upstream: {
      ...upstream,
      connections: part(upstream.connections),
      webSockets: part(upstream.webSockets),
      waiting: part(upstream.waiting),
      waitingPerAddress: part(upstream.waitingPerAddress),
    },
    holds: { ...usualHoldLimits, perInstance: part(usualHoldLimits.perInstance), inAll: part(usualHoldLimits.inAll) },
    // 64 MiB in all, for the whole edge.
    uploads: part(1024),
    connections: part(connections),
    // A quarter: an office of some hundred people behind one address is far below, and nobody keeps everybody else out.
    connectionsPerVisitor: part(connections / 4),
  };
}
