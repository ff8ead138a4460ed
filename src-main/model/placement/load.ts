import type { PlacementResource } from '#contract/api/placement-reason.ts';
import type { Amounts, PlacementServer } from './types.ts';

export const resources = ['memory', 'cpu', 'disk'] as const satisfies readonly PlacementResource[];

const none: Amounts = { memoryBytes: 0, cpuMillicores: 0, diskBytes: 0 };

const fieldOf = { memory: 'memoryBytes', cpu: 'cpuMillicores', disk: 'diskBytes' } as const satisfies Record<
  PlacementResource,
  keyof Amounts
>;

export function amountOf(amounts: Amounts, resource: PlacementResource): number {
  return amounts[fieldOf[resource]];
}

function add(a: Amounts, b: Amounts): Amounts {
  return {
    memoryBytes: a.memoryBytes + b.memoryBytes,
    cpuMillicores: a.cpuMillicores + b.cpuMillicores,
    diskBytes: a.diskBytes + b.diskBytes,
  };
}

/** Was this resource of the server measured? */
export function isMeasured({ measured }: PlacementServer, resource: PlacementResource): boolean {
  return measured?.peak[fieldOf[resource]] !== undefined;
}

/** The plans of every instance on the server. */
export function reserved(server: PlacementServer): Amounts {
  return server.instances.reduce((sum, instance) => add(sum, instance.reserved), none);
}

export function unmeasuredCount(server: PlacementServer): number {
  return server.instances.filter((instance) => !instance.isMeasured).length;
}

/**
 * The load to expect at the busiest hour: the measured peak, and the whole plan of every instance that the peak does not
 * know yet; of a resource that is not measured, all plans. Without the second part ten creates at once would all go to the server that is quiet now.
 */
export function expectedLoad(server: PlacementServer): Amounts {
  const all = reserved(server);
  if (server.measured === null) return all;
  const { peak } = server.measured;
  const unknown = server.instances.filter((instance) => !instance.isMeasured).reduce((sum, instance) => add(sum, instance.reserved), none);
  const expected = (field: keyof Amounts): number => {
    const measured = peak[field];
    return measured === undefined ? all[field] : measured + unknown[field];
  };
  return { memoryBytes: expected('memoryBytes'), cpuMillicores: expected('cpuMillicores'), diskBytes: expected('diskBytes') };
}

/**
 * What may still be given away of a resource. Memory and disk that were reserved are kept even while the customer does not
 * use them; a processor is shared, so that only its expected load counts.
 */
export function leftOf(server: PlacementServer, resource: PlacementResource, headroomFraction: number): number {
  const limit = amountOf(server.capacity, resource) * (1 - headroomFraction);
  const expected = amountOf(expectedLoad(server), resource);
  const taken = resource === 'cpu' ? expected : Math.max(expected, amountOf(reserved(server), resource));
  return Math.max(0, limit - taken);
}

export function freePercent(capacity: number, load: number): number {
  if (capacity <= 0) return 0;
  return Math.min(100, Math.max(0, Math.floor(((capacity - load) / capacity) * 100)));
}

export type LoadAfter = {
  /** The most loaded resource once the plan has come, as a part of its capacity. */
  readonly fraction: number;
  readonly resource: PlacementResource;
  readonly freeNowPercent: number;
  readonly freeAfterPercent: number;
};

/** The most loaded resource of the server after the plan has come: what a server is judged by. */
export function loadAfter(server: PlacementServer, plan: Amounts): LoadAfter {
  const load = expectedLoad(server);
  const each = resources.map((resource): LoadAfter => {
    const capacity = amountOf(server.capacity, resource);
    const before = amountOf(load, resource);
    const after = before + amountOf(plan, resource);
    return {
      fraction: capacity > 0 ? after / capacity : Number.POSITIVE_INFINITY,
      resource,
      freeNowPercent: freePercent(capacity, before),
      freeAfterPercent: freePercent(capacity, after),
    };
  });
  return each.reduce((worst, next) => (next.fraction > worst.fraction ? next : worst));
}
