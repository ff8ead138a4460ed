import type { plans as english } from '../en/plans.ts';

export const plans = {} satisfies Record<keyof typeof english, string>;
