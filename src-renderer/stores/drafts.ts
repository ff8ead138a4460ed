import { create } from 'zustand';
import type { Host } from '../lib/host.ts';

type Drafts = { readonly drafts: Readonly<Record<string, unknown>> };

/** What was typed into wizards and not yet done. Leaving a wizard keeps its draft, closing the window too. Never put a secret in a draft. */
export const useDrafts = create<Drafts>(() => ({ drafts: {} }));

const KEY = 'drafts';

function parsed(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    // A half-written or foreign value: begin without drafts.
    return {};
  }
}

/** Takes up kept drafts and keeps every change. Returns its disposer. */
export function keepDrafts(keep: Host['keep']): () => void {
  useDrafts.setState({ drafts: parsed(keep.read(KEY)) });
  return useDrafts.subscribe(({ drafts }) => keep.write(KEY, JSON.stringify(drafts)));
}

export function setDraft(name: string, value: unknown): void {
  useDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [name]: value } }));
}

export function dropDraft(name: string): void {
  useDrafts.setState(({ drafts }) => ({ drafts: Object.fromEntries(Object.entries(drafts).filter(([key]) => key !== name)) }));
}

/** The draft of a wizard: `check` turns what was kept (perhaps by an older version) into a whole draft. */
export function useDraft<T>(name: string, check: (kept: unknown) => T): readonly [T, (change: Partial<T>) => void, () => void] {
  const kept = useDrafts(({ drafts }) => drafts[name]);
  const draft = check(kept);
  return [draft, (change) => setDraft(name, { ...draft, ...change }), () => dropDraft(name)];
}
