import type { wizard as english } from '../en/wizard.ts';

export const wizard = {} satisfies Record<keyof typeof english, string>;
