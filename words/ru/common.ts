import type { common as english } from '../en/common.ts';

export const common = {} satisfies Record<keyof typeof english, string>;
