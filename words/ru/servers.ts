import type { servers as english } from '../en/servers.ts';

export const servers = {} satisfies Record<keyof typeof english, string>;
