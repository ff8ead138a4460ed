import type { PlacementReason } from '#contract/api/placement-reason.ts';
import { leftOf } from './load.ts';
import type { Amounts, PlacementRules, PlacementServer } from './types.ts';

const megabyte = 2 ** 20;
const gigabyte = 2 ** 30;
const tenth = (value: number): number => Math.floor(value * 10) / 10;

/** The first hard rule that the server breaks, or undefined. What a person can change soonest is named first. */
export function brokenRule(server: PlacementServer, plan: Amounts, rules: PlacementRules): PlacementReason | undefined {
  return brokenState(server, rules) ?? brokenRoom(server, plan, rules.headroomFraction);
}

/** The rules that hold for every plan. */
export function brokenState(server: PlacementServer, rules: PlacementRules): PlacementReason | undefined {
  if (server.state === 'joining') return { code: 'joining' };
  if (server.state === 'leaving') return { code: 'leaving' };
  if (server.isDraining) return { code: 'draining' };
  if (server.state === 'maintenance') return { code: 'maintenance' };
  if (server.lastSeenMs === null) return { code: 'never-seen' };
  // seen in the future: a clock was set back since, and how long ago it was nobody knows
  const unseenMs = Math.abs(rules.nowMs - server.lastSeenMs);
  if (unseenMs > rules.unseenLimitMs) {
    const secondsAgo = Math.floor(unseenMs / 1000);
    return { code: 'not-seen', secondsAgo, minutesAgo: Math.floor(secondsAgo / 60) };
  }
  if (server.darkEdge !== undefined) {
    const { problem, port, address } = server.darkEdge;
    return { code: 'edge', server: server.name, problem, port, address };
  }
  if (!server.platformOk) return { code: 'platform' };
  return undefined;
}

function brokenRoom(server: PlacementServer, plan: Amounts, headroomFraction: number): PlacementReason | undefined {
  const memoryLeft = leftOf(server, 'memory', headroomFraction);
  if (plan.memoryBytes > memoryLeft) {
    return { code: 'memory', neededMegabytes: Math.ceil(plan.memoryBytes / megabyte), leftMegabytes: Math.floor(memoryLeft / megabyte) };
  }
  const diskLeft = leftOf(server, 'disk', headroomFraction);
  if (plan.diskBytes > diskLeft) {
    return { code: 'disk', neededGigabytes: Math.ceil((plan.diskBytes / gigabyte) * 10) / 10, leftGigabytes: tenth(diskLeft / gigabyte) };
  }
  const cpuLeft = leftOf(server, 'cpu', headroomFraction);
  if (plan.cpuMillicores > cpuLeft) {
    return { code: 'cpu', neededPercent: Math.ceil(plan.cpuMillicores / 10), leftPercent: Math.floor(cpuLeft / 10) };
  }
  return undefined;
}
