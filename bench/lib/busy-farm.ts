import { setTimeout as delay } from 'node:timers/promises';
import { implement } from '@orpc/server';
import { api } from '#contract/api/index.ts';
import { createFakeRouter } from '../../e2e/screens/fake-core.ts';
import { createFarmObjects } from '../../e2e/screens/fake-objects.ts';
import type { Farm } from '../../contract/testing/made-up-farm/farms.ts';

/** As often as the real core sends a page. */
const tickMs = 100;

/**
 * The made-up core, but so many rows a second change in the page that somebody follows: all of them rows that the window holds, which is
 * harder for it than as many changes anywhere in the farm.
 */
export const busyRouter =
  (changesPerSecond: number): typeof createFakeRouter =>
  (farm: Farm, onSnapshot: () => void) => {
    const os = implement(api);
    const objects = createFarmObjects(farm);
    const router = createFakeRouter(farm, onSnapshot);
    let at = 0;
    const watch = os.instances.watch.handler(async function* ({ input, signal }) {
      const page = objects.page(input);
      const rows = [...page.rows];
      yield { ...page, rows };
      while (rows.length > 0) {
        await delay(tickMs, undefined, { signal: signal as AbortSignal }).catch(() => undefined);
        if (signal?.aborted === true) return;
        for (let count = (changesPerSecond * tickMs) / 1000; count > 0; count -= 1, at += 1) {
          // a step without a common divisor with the length visits every row
          const place = (at * 37) % rows.length;
          const row = rows[place];
          if (row !== undefined)
            rows[place] = { ...row, memoryBytes: 1_000_000 * (100 + (at % 300)), answerMs: 20 + (at % 90), seenAtMs: row.createdAtMs + at };
        }
        yield { ...page, rows: [...rows] };
      }
    });
    return { ...router, instances: { ...router.instances, watch } };
  };
