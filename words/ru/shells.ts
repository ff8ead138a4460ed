import type { shells as english } from '../en/shells.ts';

export const shells = {} satisfies Record<keyof typeof english, string>;
