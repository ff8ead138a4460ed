import { brokenState } from './hard-rules.ts';
import { amountOf, leftOf, resources } from './load.ts';
import type { Amounts, PlacementRules, PlacementServer } from './types.ts';

/** How many more instances of `plan` the server would take: the hollow squares of the desk. 0 for a server that takes nothing now. */
export function roomFor(plan: Amounts, server: PlacementServer, rules: PlacementRules): number {
  if (brokenState(server, rules) !== undefined) return 0;
  const rooms = resources
    .filter((resource) => amountOf(plan, resource) > 0)
    .map((resource) => Math.floor(leftOf(server, resource, rules.headroomFraction) / amountOf(plan, resource)));
  return rooms.length === 0 ? 0 : Math.min(...rooms);
}
