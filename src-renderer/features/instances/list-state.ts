import { create } from 'zustand';
import type { InstanceFilter, InstancePage } from '#contract/api/instances.ts';
import type { TableSort } from '../../ui/data-table-types.ts';

export const views = ['all', 'attention', 'working', 'paused', 'unknown'] as const;
export type View = (typeof views)[number];
type Named<I> = { readonly id: I; readonly name: string };

/** How the list is narrowed and sorted. Kept while the window is open, so that coming back from an instance finds the same list. */
export type ListState = {
  readonly view: View;
  readonly text: string;
  readonly server: Named<NonNullable<InstanceFilter['serverId']>> | undefined;
  readonly package: Named<NonNullable<InstanceFilter['packageId']>> | undefined;
  readonly label: string | undefined;
  readonly sort: TableSort;
};
export const wholeList: ListState = {
  view: 'all',
  text: '',
  server: undefined,
  package: undefined,
  label: undefined,
  sort: { id: 'state', isDescending: false },
};
export const useListState = create<ListState>(() => wholeList);

const marksOf = {
  all: undefined,
  attention: ['warning', 'bad'],
  working: ['working'],
  paused: ['paused'],
  unknown: ['unknown'],
} as const satisfies Record<View, readonly NonNullable<InstanceFilter['marks']>[number][] | undefined>;

export function filterOf(state: ListState): InstanceFilter {
  const marks = marksOf[state.view];
  return {
    ...(state.text.trim() !== '' && { text: state.text.trim() }),
    ...(marks !== undefined && { marks: [...marks] }),
    ...(state.server !== undefined && { serverId: state.server.id }),
    ...(state.package !== undefined && { packageId: state.package.id }),
    ...(state.label !== undefined && { label: state.label }),
  };
}

export function isNarrowed(state: ListState): boolean {
  return Object.keys(filterOf(state)).length > 0;
}

/** How many a view holds; "all" is everything that the other filters find. */
export function countOf(counts: InstancePage['counts'], view: View): number {
  if (view === 'attention') return counts.warning + counts.bad;
  if (view === 'all') return Object.values(counts).reduce((sum, count) => sum + count, 0);
  return counts[view];
}
