import type { CustomerId, FarmId, Instant, Language } from '#contract/ids.ts';

export type Customer = {
  readonly id: CustomerId;
  readonly farmId: FarmId;
  /** In any script. */
  readonly name: string;
  readonly contact: string;
  readonly language: Language;
  /** The billing panel's own id. */
  readonly externalReference: string;
  readonly createdAtMs: Instant;
};
