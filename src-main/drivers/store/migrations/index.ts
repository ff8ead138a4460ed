import type { Migration } from '../migrate.ts';
import { first } from './0001-first.ts';
import { journal } from './0002-journal.ts';
import { newestJobs } from './0003-newest-jobs.ts';
import { ageOfActs } from './0004-age-of-acts.ts';
import { membership } from './0005-membership.ts';
import { namedMetrics } from './0006-named-metrics.ts';
import { alerts } from './0007-alerts.ts';

/** Every migration, in order. Run on every supported store. */
export const migrations: readonly Migration[] = [first, journal, newestJobs, ageOfActs, membership, namedMetrics, alerts];
