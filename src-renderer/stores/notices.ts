import { create } from 'zustand';
import type { Failure } from '#contract/errors.ts';

/** A failure of an act whose place on the page is gone (a row that left, a page that was left). It stays until it is read. */
export type Notice = { readonly id: string; readonly failure: Failure; readonly jobId: string | undefined; readonly atMs: number };

export const useNotices = create<{ readonly notices: readonly Notice[] }>(() => ({ notices: [] }));

/** `jobId`: the job that failed, where there is one. */
export function addNotice(failure: Failure, jobId?: string): void {
  const id = crypto.randomUUID();
  useNotices.setState(({ notices }) => ({ notices: [...notices, { id, failure, jobId, atMs: Date.now() }].slice(-5) }));
}

export function readNotice(id: string): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}
