import type { InstancePage, InstanceView } from '#contract/api/instances.ts';

/** Rows of one filter and order by their place; `total` of them exist in the core. */
export type HeldRows = {
  readonly queryKey: string;
  readonly rows: ReadonlyMap<number, InstanceView>;
  readonly total: number;
  readonly counts: InstancePage['counts'] | undefined;
};
export const noRows: HeldRows = { queryKey: '', rows: new Map(), total: 0, counts: undefined };

/** Rows this far from the ones that are followed are let go: they are asked again when somebody scrolls there. */
const KEPT_AROUND = 300;

/**
 * Takes a page in. A row that did not change keeps its identity, so that only changed rows are drawn again; a page of another filter
 * or order replaces everything.
 */
export function takePage(held: HeldRows, queryKey: string, page: InstancePage): HeldRows {
  const rows = new Map<number, InstanceView>();
  const isSame = held.queryKey === queryKey && held.total === page.total;
  if (isSame) {
    for (const [index, row] of held.rows) {
      if (Math.abs(index - page.offset) <= KEPT_AROUND + page.rows.length) rows.set(index, row);
    }
  }
  page.rows.forEach((row, place) => {
    const before = held.rows.get(page.offset + place);
    rows.set(page.offset + place, before !== undefined && isEqual(before, row) ? before : row);
  });
  return { queryKey, rows, total: page.total, counts: page.counts };
}

function isEqual(a: InstanceView, b: InstanceView): boolean {
  return a.id === b.id && JSON.stringify(a) === JSON.stringify(b);
}
