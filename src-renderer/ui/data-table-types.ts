import type { ReactNode } from 'react';
import type { TableSelection } from './table-selection.ts';
import type { State } from './types.ts';

export interface DataTableColumn<Row> {
  id: string;
  header: string;
  cell: (row: Row, index: number) => ReactNode;
  /* A track of CSS grid that does not depend on content: "minmax(120px, 2fr)". */
  width?: string;
  isNumber?: boolean;
  canSort?: boolean;
  /* Leaves when the window is narrower than this. */
  leavesBelowPx?: number;
  isHidden?: boolean;
}

export interface TableSort {
  id: string;
  isDescending: boolean;
}

export interface DataTableProps<Row> {
  label: string;
  columns: readonly DataTableColumn<Row>[];
  rowCount: number;
  /* undefined while the row is on its way: a skeleton stands there. */
  getRow: (index: number) => Row | undefined;
  getRowId: (row: Row) => string;
  /* Rows wanted now, end exclusive, in blocks of 50; called when it changes. */
  onRangeChange?: (start: number, end: number) => void;
  sort?: TableSort | null;
  onSortChange?: (sort: TableSort) => void;
  selection?: TableSelection;
  onSelectionChange?: (selection: TableSelection) => void;
  selectLabels?: { all: string; row: (row: Row) => string };
  /* Only "bad" tints the row. */
  rowState?: (row: Row) => State | undefined;
  /* Enter, double click. */
  onOpen?: (row: Row) => void;
  /* Bare icon buttons in a column kept free for them. */
  rowActs?: { label: string; width: string; render: (row: Row) => ReactNode };
  /* Two lines per row. */
  isTall?: boolean;
  /* fill: takes the height of its flex parent and scrolls inside. page: as high as its rows, up to maxHeightPx. */
  height?: 'fill' | 'page';
  maxHeightPx?: number;
  /* Shown instead of rows when rowCount is 0. */
  empty: ReactNode;
}
