import type { PlacementOption, PlacementReason } from '#contract/api/placement-reason.ts';
import type { ServerId } from '#contract/ids.ts';
import { brokenRule } from './hard-rules.ts';
import { isMeasured, type LoadAfter, loadAfter, unmeasuredCount } from './load.ts';
import type { Amounts, Placement, PlacementRules, PlacementServer } from './types.ts';

/** Below this much of the busiest resource left free, a server fits but is not recommended. */
const tightFreePercent = 20;

type Candidate = { readonly server: PlacementServer; readonly load: LoadAfter };

/**
 * Judges every server for one more instance of `plan` and chooses the best. Pure: the same servers in any order give the
 * same answer. To place several at once, add each placed one to its server's `instances` (unmeasured) before the next call.
 */
export function place(servers: readonly PlacementServer[], plan: Amounts, rules: PlacementRules): Placement {
  const candidates: Candidate[] = [];
  const refused: PlacementOption[] = [];
  for (const server of servers) {
    const broken = brokenRule(server, plan, rules);
    if (broken === undefined) candidates.push({ server, load: loadAfter(server, plan) });
    else refused.push({ serverId: server.id, serverName: server.name, verdict: 'refused', reason: broken });
  }
  candidates.sort(compareCandidates);
  refused.sort((a, b) => compareText(a.serverName, b.serverName) || compareText(a.serverId, b.serverId));
  const fitting = candidates.map((candidate, rank) => judge(candidate, rank, candidates.length));
  return {
    options: [...fitting.filter((o) => o.verdict !== 'fits'), ...fitting.filter((o) => o.verdict === 'fits'), ...refused],
    chosen: fitting[0]?.serverId,
  };
}

export type Override =
  | { readonly isOk: true; readonly option: PlacementOption }
  | { readonly isOk: false; readonly option: PlacementOption | undefined };

/** The person picks another server than the proposed one: any that is not refused. `option` is undefined for an unknown server. */
export function override(placement: Placement, serverId: ServerId): Override {
  const option = placement.options.find((o) => o.serverId === serverId);
  if (option === undefined || option.verdict === 'refused') return { isOk: false, option };
  return { isOk: true, option };
}

/** A whole percent of load is worth less than sending the package again; below that the finer order decides, and at last the id. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Math.round(a.load.fraction * 100) - Math.round(b.load.fraction * 100) ||
    Number(b.server.hasPackage) - Number(a.server.hasPackage) ||
    a.load.fraction - b.load.fraction ||
    a.server.instances.length - b.server.instances.length ||
    compareText(a.server.id, b.server.id)
  );
}

/** By code unit and not by language, so that every machine chooses the same server. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function judge({ server, load }: Candidate, rank: number, count: number): PlacementOption {
  const isTight = load.freeAfterPercent < tightFreePercent;
  const option = { serverId: server.id, serverName: server.name };
  if (rank === 0) return { ...option, verdict: 'best', reason: freeReason(server, load, count === 1 ? 'only' : 'best') };
  if (isTight) {
    return { ...option, verdict: 'fits', reason: { code: 'tight', resource: load.resource, freeAfterPercent: load.freeAfterPercent } };
  }
  return { ...option, verdict: 'good', reason: freeReason(server, load, 'good') };
}

function freeReason(server: PlacementServer, load: LoadAfter, code: 'best' | 'only' | 'good'): PlacementReason {
  const shared = {
    resource: load.resource,
    freePercent: load.freeNowPercent,
    package: server.hasPackage ? ('there' as const) : ('to-send' as const),
  };
  if (!isMeasured(server, load.resource)) return { code: `${code}-unmeasured`, ...shared };
  return { code, ...shared, unmeasuredCount: unmeasuredCount(server) };
}
