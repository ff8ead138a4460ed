import type { agent as english } from '../en/agent.ts';

export const agent = {} satisfies Record<keyof typeof english, string>;
