import type { Stone } from '#contract/api/instances.ts';
import type { RoadBook } from '../../ports/road-book.ts';

export function createRoadBook(): RoadBook {
  const roads = new Map<string, readonly Stone[]>();
  return {
    get: (id) => roads.get(id),
    put: (id, stones) => {
      roads.set(id, stones);
    },
    forget: (id) => {
      roads.delete(id);
    },
  };
}
