import { FarmError } from '#contract/errors.ts';
import type { PackageAccess } from '../ports/access.ts';
import type { Clock } from '../ports/clock.ts';
import { OutsideError } from '../ports/probe.ts';
import type { RoadBook } from '../ports/road-book.ts';
import type { Store } from '../ports/store.ts';
import type { Asking } from './dns-zones.ts';
import { type OutsideDeps, visit } from './outside.ts';
import { firstWaitMs, nextWaitMs, pause } from './pause.ts';
import { addressOf, type PlacedSite } from './site.ts';

type Deps = OutsideDeps & {
  readonly store: Pick<Store, 'instances'>;
  readonly clock: Clock;
  readonly road: RoadBook;
  readonly packages: Pick<PackageAccess, 'manifest'>;
};

const patienceMs = 60_000;

/** Only looks, and looks again until a minute is over; then the last thing that was seen is the cause, thrown as `OutsideError`. */
export async function untilSeenOutside(deps: Deps, site: PlacedSite, { signal, waitFor }: Asking): Promise<void> {
  const row = await deps.store.instances.get(site.instanceId);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: site.name });
  const { manifest } = await deps.packages.manifest(row.packageId);
  const address = addressOf(site);
  waitFor({ code: 'outside', parameters: { address } });
  const untilMs = deps.clock.nowMs() + patienceMs;
  for (let tries = 1, waitMs = firstWaitMs; ; tries += 1, waitMs = nextWaitMs(waitMs)) {
    try {
      const seen = await visit(deps, site, row, manifest, signal);
      deps.road.put(site.instanceId, seen.stones);
      return;
    } catch (error) {
      const isFinal = !(error instanceof OutsideError) || deps.clock.nowMs() + waitMs >= untilMs;
      if (signal.aborted || isFinal) throw error;
      waitFor({ code: 'outside-again', parameters: { address, tries } });
      await pause(deps.clock, waitMs, signal);
    }
  }
}
