import type { placement as english } from '../en/placement.ts';

export const placement = {} satisfies Record<keyof typeof english, string>;
