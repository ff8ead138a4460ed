import type { certificates as english } from '../en/certificates.ts';

export const certificates = {} satisfies Record<keyof typeof english, string>;
