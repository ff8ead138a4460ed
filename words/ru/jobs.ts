import type { jobs as english } from '../en/jobs.ts';

export const jobs = {} satisfies Record<keyof typeof english, string>;
