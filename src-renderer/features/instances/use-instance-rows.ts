import { useCallback, useRef, useState } from 'react';
import type { InstancePage, InstanceView } from '#contract/api/instances.ts';
import type { Failure } from '#contract/errors.ts';
import { useLive } from '../../lib/use-live.ts';
import { useWords } from '../../lib/use-words.ts';
import { type HeldRows, noRows, takePage } from './held-rows.ts';
import { filterOf, type ListState } from './list-state.ts';

type SortId = 'state' | 'name' | 'customer' | 'server' | 'package' | 'plan' | 'memory' | 'answer' | 'created';
const sortIds: readonly string[] = ['state', 'name', 'customer', 'server', 'package', 'plan', 'memory', 'answer', 'created'];
const isSortId = (id: string): id is SortId => sortIds.includes(id);
const MOST = 500;
const LEAST = 100;

export type InstanceRows = {
  readonly total: number;
  readonly counts: InstancePage['counts'] | undefined;
  readonly getRow: (index: number) => InstanceView | undefined;
  readonly onRangeChange: (start: number, end: number) => void;
  readonly isKnown: boolean;
  readonly failure: Failure | undefined;
  readonly retry: () => void;
  /** This computer's time of the newest page. */
  readonly atMs: number | undefined;
};

/** The visible range of the list, live. While a new filter is being answered the old rows stay, so that nothing flashes. */
export function useInstanceRows(state: ListState): InstanceRows {
  const [range, setRange] = useState({ start: 0, end: LEAST });
  const [attempt, setAttempt] = useState(0);
  const { language } = useWords();
  const base = {
    filter: filterOf(state),
    sort: isSortId(state.sort.id) ? state.sort.id : 'name',
    isDescending: state.sort.isDescending,
    language,
  };
  const queryKey = JSON.stringify(base);
  const limit = Math.min(MOST, Math.max(LEAST, range.end - range.start));
  const page = { ...base, sort: base.sort as SortId, offset: range.start, limit };
  const live = useLive(`${attempt} ${JSON.stringify(page)}`, (core, options) => core.instances.watch(page, options));
  const held = useRef<HeldRows>(noRows);
  const taken = useRef<{ readonly page: InstancePage; readonly atMs: number } | undefined>(undefined);
  if (live.value !== undefined && taken.current?.page !== live.value) {
    held.current = takePage(held.current, queryKey, live.value);
    taken.current = { page: live.value, atMs: Date.now() };
  }
  const { rows, total, counts } = held.current;
  const onRangeChange = useCallback((start: number, end: number) => setRange({ start, end }), []);
  return {
    total,
    counts,
    getRow: (index) => rows.get(index),
    onRangeChange,
    isKnown: taken.current !== undefined,
    failure: live.failure,
    retry: () => setAttempt((before) => before + 1),
    atMs: taken.current?.atMs,
  };
}
