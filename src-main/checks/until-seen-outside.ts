import { FarmError } from '#contract/errors.ts';
import type { PackageAccess } from '../ports/access.ts';
import type { Clock } from '../ports/clock.ts';
import { OutsideError } from '../ports/probe.ts';
import type { OutsideChecks } from '../ports/outside-checks.ts';
import type { Store } from '../ports/store.ts';
import type { Asking } from './dns-zones.ts';
import { type OutsideDeps, type PageShown, visit, visitPage } from './outside.ts';
import { firstWaitMs, nextWaitMs, pause } from './pause.ts';
import { addressOf, type PlacedSite } from './site.ts';

type Deps = OutsideDeps & {
  readonly store: Pick<Store, 'instances'>;
  readonly clock: Clock;
  readonly outsideChecks: OutsideChecks;
  readonly packages: Pick<PackageAccess, 'manifest'>;
};

const patienceMs = 60_000;
/** An edge shows its page as soon as it is told to: what is not seen then stands in the way, and time does not mend it. */
const pagePatienceMs = 15_000;

/** Looks, and looks again while what was seen is no more than not yet so. */
async function untilSeen(
  deps: Pick<Deps, 'clock'>,
  address: string,
  forMs: number,
  asking: Asking,
  look: () => Promise<void>,
): Promise<void> {
  const { signal, waitFor } = asking;
  waitFor({ code: 'outside', parameters: { address } });
  const untilMs = deps.clock.nowMs() + forMs;
  for (let tries = 1, waitMs = firstWaitMs; ; tries += 1, waitMs = nextWaitMs(waitMs)) {
    try {
      await look();
      return;
    } catch (error) {
      const isFinal = !(error instanceof OutsideError) || deps.clock.nowMs() + waitMs >= untilMs;
      if (signal.aborted || isFinal) throw error;
      waitFor({ code: 'outside-again', parameters: { address, tries } });
      await pause(deps.clock, waitMs, signal);
    }
  }
}

/** Only looks, and looks again until a minute is over; then the last thing that was seen is the cause, thrown as `OutsideError`. */
export async function untilSeenOutside(deps: Deps, site: PlacedSite, asking: Asking): Promise<void> {
  const row = await deps.store.instances.get(site.instanceId);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: site.name });
  const { manifest } = await deps.packages.manifest(row.packageId);
  await untilSeen(deps, addressOf(site), patienceMs, asking, async () => {
    const seen = await visit(deps, site, row, manifest, asking.signal);
    deps.outsideChecks.put(site.instanceId, seen.checks);
  });
}

/** The same of the page that stands in the application's place; a quarter of a minute. */
export async function untilPageSeen(deps: Deps, site: PlacedSite, page: PageShown, asking: Asking): Promise<void> {
  await untilSeen(deps, addressOf(site), pagePatienceMs, asking, () => visitPage(deps, site, page, asking.signal));
}
