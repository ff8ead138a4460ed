import type { instances as english } from '../en/instances.ts';

export const instances = {} satisfies Record<keyof typeof english, string>;
