import type { errors as english } from '../en/errors.ts';

export const errors = {} satisfies Record<keyof typeof english, string>;
