import type { cli as english } from '../en/cli.ts';

export const cli = {} satisfies Record<keyof typeof english, string>;
