import type { AlertCode } from '#contract/catalogue/alerts.ts';

/** One time that an alert was open. It is written when it opens and when it closes, never in between. Times in UTC milliseconds. */
export type AlertRecord = {
  readonly id: string;
  readonly farmId: string;
  /** Text: one that a newer program wrote may be unknown here. */
  readonly code: AlertCode | (string & {});
  readonly subjectId: string;
  /** Since when it is so: where that was known when it was first seen, otherwise when it was first seen. Never changes. */
  readonly openedAtMs: number;
  /** The last look that showed it, as known when the row was written. */
  readonly lastSeenAtMs: number;
  readonly closedAtMs: number | null;
};

/** Closed ones are kept so long. One that is open is kept as long as it is open. */
export const closedAlertsKeptMs = 90 * 86_400_000;
