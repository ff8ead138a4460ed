import { columnVisibilityFeature, rowSortingFeature, tableFeatures, useTable, type ColumnDef, type RowData } from '@tanstack/react-table';
import { useMemo, useSyncExternalStore } from 'react';
import type { DataTableColumn, DataTableProps } from './data-table-types.ts';
import type { HeadColumn } from './data-table-head.tsx';

const features = tableFeatures({ columnVisibilityFeature, rowSortingFeature });
// Rows stream in by index and live with the caller: the table model holds columns, their order, visibility and sort.
const noRows: RowData[] = [];

// The same width that the styles ask: of the window, and less where only the text is made larger. Kept, because a list asks at every frame.
let windowPx: number | undefined;

function subscribeToWidth(onChange: () => void): () => void {
  const observer = new ResizeObserver(() => {
    windowPx = document.body.clientWidth;
    onChange();
  });
  observer.observe(document.body);
  return () => observer.disconnect();
}

const widthPx = (): number => {
  windowPx ??= document.body.clientWidth;
  return windowPx;
};

export interface TableColumns<Row> {
  shown: readonly DataTableColumn<Row>[];
  head: readonly HeadColumn[];
}

export function useTableColumns<Row>({
  columns,
  sort,
  onSortChange,
}: Pick<DataTableProps<Row>, 'columns' | 'sort' | 'onSortChange'>): TableColumns<Row> {
  const points = useMemo(() => [...new Set(columns.flatMap((column) => column.leavesBelowPx ?? []))], [columns]);
  // One number that changes only when the width crosses a point, so that dragging the window's edge draws nothing anew.
  const passed = useSyncExternalStore(subscribeToWidth, () =>
    points
      .filter((point) => widthPx() < point)
      .map(String)
      .join(),
  );
  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, RowData> => ({
          id: column.id,
          header: column.header,
          accessorFn: () => null,
          enableSorting: column.canSort === true,
          sortDescFirst: false,
        }),
      ),
    [columns],
  );
  const columnVisibility = useMemo(() => {
    const gone = new Set(passed.split(','));
    return Object.fromEntries(
      columns.map((column) => [
        column.id,
        column.isHidden !== true && (column.leavesBelowPx === undefined || !gone.has(String(column.leavesBelowPx))),
      ]),
    );
  }, [columns, passed]);
  const sorting = useMemo(() => (sort === null || sort === undefined ? [] : [{ id: sort.id, desc: sort.isDescending }]), [sort]);
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    manualSorting: true,
    enableSortingRemoval: false,
    enableMultiSort: false,
    state: { columnVisibility, sorting },
    onSortingChange: (update) => {
      const next = (typeof update === 'function' ? update(sorting) : update)[0];
      if (next !== undefined) onSortChange?.({ id: next.id, isDescending: next.desc });
    },
  });
  const visible = table.getVisibleLeafColumns();
  const ids = visible.map((column) => column.id).join();
  const shown = useMemo(() => columns.filter((column) => ids.split(',').includes(column.id)), [columns, ids]);
  const head = shown.map((column): HeadColumn => {
    const model = table.getColumn(column.id);
    const canSort = onSortChange !== undefined && model?.getCanSort() === true;
    return {
      id: column.id,
      header: column.header,
      isNumber: column.isNumber === true,
      onSort: canSort ? () => model?.toggleSorting() : undefined,
      sorted: model?.getIsSorted() ?? false,
    };
  });
  return { shown, head };
}
