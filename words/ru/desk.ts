import type { desk as english } from '../en/desk.ts';

export const desk = {} satisfies Record<keyof typeof english, string>;
