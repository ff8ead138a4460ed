import type { monitoring as english } from '../en/monitoring.ts';

export const monitoring = {} satisfies Record<keyof typeof english, string>;
