import type { edge as english } from '../en/edge.ts';

export const edge = {} satisfies Record<keyof typeof english, string>;
