import type { Failure } from '#contract/errors.ts';

/** What is known of one question: the newest answer with its time, and why a newer one could not be had. */
export type CacheEntry = {
  readonly data: unknown;
  readonly atMs: number | undefined;
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
};
const nothing: CacheEntry = { data: undefined, atMs: undefined, failure: undefined, isLoading: false };

/** Answers of the core by key, newest last; bounded, because keys hold filters and ranges. */
export class QueryCache {
  readonly #entries = new Map<string, CacheEntry>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #most: number;
  constructor(most = 200) {
    this.#most = most;
  }
  get(key: string): CacheEntry {
    return this.#entries.get(key) ?? nothing;
  }
  set(key: string, change: Partial<CacheEntry>): void {
    const next = { ...this.get(key), ...change };
    this.#entries.delete(key);
    this.#entries.set(key, next);
    this.#drop();
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }
  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }
  /** Keys that are shown now and begin with a prefix: what an act may have changed. */
  watched(prefix: string): readonly string[] {
    return [...this.#listeners.keys()].filter((key) => key.startsWith(prefix));
  }
  #drop(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) return;
      if (!this.#listeners.has(key)) this.#entries.delete(key);
    }
  }
}
