import type { packages as english } from '../en/packages.ts';

export const packages = {} satisfies Record<keyof typeof english, string>;
