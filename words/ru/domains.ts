import type { domains as english } from '../en/domains.ts';

export const domains = {} satisfies Record<keyof typeof english, string>;
