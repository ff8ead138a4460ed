import type { FarmId, Instant, Language } from '#contract/ids.ts';

/** One farm. `epoch` rises when the farm moves to another core; agents refuse lower ones. */
export type Farm = {
  readonly id: FarmId;
  readonly name: string;
  readonly language: Language;
  /** IANA time zone, for schedules and screens. */
  readonly timeZone: string;
  readonly epoch: number;
  readonly isDemo: boolean;
  readonly createdAtMs: Instant;
};
