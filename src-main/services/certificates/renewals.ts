import type { JobView } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { domainStateOf } from '../../checks/domain-state.ts';
import type { BeginAct } from '../../engine/begin-act.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { isYounger } from '../../model/age.ts';
import { isRenewalDue } from '../../model/certificates/farm-certificate.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import { type By, systemBy } from '../../model/operators/by.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { CertificateKeys } from '../../ports/access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/request.ts';
import type { Store } from '../../ports/store.ts';

export type Renewals = {
  /** Makes a test wildcard anew. Throws `NOT_FOUND`, `OBJECT_BUSY`; then there is no job. */
  readonly begin: (certificateId: string, by: By) => Promise<JobView>;
  /** From now on certificates are renewed in time by themselves: looked at now, and every hour. */
  readonly start: () => void;
  readonly stop: () => void;
};

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: Pick<CertificateKeys, 'newest'>;
  readonly farm: () => Farm;
  readonly engine: Pick<JobEngine, 'begunBy'>;
  readonly begin: BeginAct;
};

const everyMs = 3_600_000;
/** After one that failed: whatever the cause is, it is not seen to within the hour, and the history stays readable. */
const againAfterMs = 6 * everyMs;

/**
 * Renews test wildcards: when somebody asks for it, and by itself when less than a third of the life is left. A domain that has none, because adding
 * it was cut off by a release that did so in one go, gets one the same way. Time is looked at here; no job waits for it.
 */
export function createRenewals(deps: Deps): Renewals {
  const { store, clock, log } = deps;
  let stopLooking = (): void => undefined;
  let isLooking = false;
  let isStopped = false;

  const failedJustNow = async (subjectId: string): Promise<boolean> => {
    const [last] = await store.jobs.newest({ farmId: deps.farm().id, state: 'failed', subjectId }, 1);
    return last?.type === 'renew-certificate' && isYounger(clock.nowMs(), last.endedAtMs ?? last.createdAtMs, againAfterMs);
  };

  const lookAtOne = async (domain: FarmDomain): Promise<void> => {
    const newest = await deps.keys.newest(domain.farmId, 'test-wildcard', domain.id);
    const nowMs = clock.nowMs();
    if (newest !== undefined && !isRenewalDue(newest, nowMs)) return;
    // whoever holds the domain is asked again in an hour
    if ((await store.locks.get(`domain:${domain.id}`)) !== undefined || (await domainStateOf(store, domain.id)) !== 'there') return;
    const subjectId = newest?.id ?? domain.id;
    if (await failedJustNow(subjectId)) return;
    try {
      const by = systemBy(`renew-certificate:${subjectId}:${nowMs}`);
      await deps.begin({ type: 'renew-certificate', domainId: domain.id }, by);
    } catch (error) {
      if (!isFarmError(error, 'OBJECT_BUSY') && !isFarmError(error, 'NOT_FOUND')) throw error;
    }
  };
  /** One domain that cannot be seen to keeps none of the others from it. */
  const lookAtAll = async (): Promise<void> => {
    for (const domain of await store.domains.find({ farmId: deps.farm().id })) {
      if (isStopped) return;
      try {
        await lookAtOne(domain);
      } catch (error) {
        log.warn('certificate-renewal', { domain: domain.name, error: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  const look = (): void => {
    stopLooking = clock.after(everyMs, look);
    if (isLooking) return;
    isLooking = true;
    lookAtAll()
      .catch((error: unknown) => log.warn('certificate-renewal', { error: error instanceof Error ? error.message : String(error) }))
      .finally(() => {
        isLooking = false;
      });
  };

  return {
    begin: async (certificateId, by) => {
      // asked again once it is done, the certificate has gone
      const begun = await deps.engine.begunBy('renew-certificate', by);
      if (begun !== undefined) return begun;
      const row = await store.certificates.get(certificateId);
      if (row === undefined || row.kind !== 'test-wildcard') throw new FarmError('NOT_FOUND', { kind: 'certificate', name: certificateId });
      const domain = row.domainId === null ? undefined : await store.domains.get(row.domainId);
      if (domain === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: row.names.join(', ') });
      return deps.begin({ type: 'renew-certificate', domainId: domain.id }, by);
    },
    start: () => {
      stopLooking();
      isStopped = false;
      look();
    },
    stop: () => {
      isStopped = true;
      stopLooking();
    },
  };
}
