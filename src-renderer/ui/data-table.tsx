/* biome-ignore-all lint/a11y/useSemanticElements: rows are placed by index, a table element cannot do that */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { classNames } from './class-names.ts';
import { DataTableHead } from './data-table-head.tsx';
import { DataTableRow } from './data-table-row.tsx';
import type { DataTableColumn, DataTableProps } from './data-table-types.ts';
import { useLook } from './look-context.ts';
import { indicesBetween, tableAct } from './table-keys.ts';
import { askedRange, keptActive, leastWidthPx } from './table-range.ts';
import { allSelected, headState, isSelected, nothingSelected, setSelected } from './table-selection.ts';
import { useTableColumns } from './use-table-columns.ts';
import './styles/skeleton-rows.css';
import './styles/data-table.css';

export type { DataTableColumn, DataTableProps, TableSort } from './data-table-types.ts';

const ROW_PX = { dense: 32, comfortable: 44 };
const HEAD_PX = 32;

function template<Row>(columns: readonly DataTableColumn<Row>[], hasTicks: boolean, actsWidth: string | undefined): string[] {
  const tracks = columns.map((column) => column.width ?? 'minmax(80px, 1fr)');
  return [...(hasTicks ? ['40px'] : []), ...tracks, ...(actsWidth === undefined ? [] : [actsWidth])];
}

/* Dots in a cell hide something: whoever points at it gets the whole. Asked by a pointer that moves, for to measure cells while they scroll is dear. */
function useWholeText(): (event: PointerEvent) => void {
  const last = useRef<{ cell: HTMLElement; text: string | null } | null>(null);
  return ({ target }) => {
    const cell = target instanceof Element ? target.closest<HTMLElement>('.table-cell') : null;
    if (cell === null || (last.current?.cell === cell && last.current.text === cell.textContent)) return;
    last.current = { cell, text: cell.textContent };
    const isCut = [cell, ...cell.querySelectorAll('.sub, button')].some((part) => part.scrollWidth > part.clientWidth);
    if (isCut) cell.title = cell.innerText;
    else cell.removeAttribute('title');
  };
}

/* Ticking by key, click and shift. Rows that have not arrived yet cannot be named, so shift leaves them out. */
function useTicks<Row>({ selection, onSelectionChange, getRow, getRowId }: DataTableProps<Row>, anchor: RefObject<number>) {
  const latest = useRef({ selection, onSelectionChange, getRow, getRowId });
  latest.current = { selection, onSelectionChange, getRow, getRowId };
  return useCallback(
    (indices: readonly number[], isOn: boolean) => {
      const now = latest.current;
      if (now.selection === undefined) return;
      const ids = indices.flatMap((index) => {
        const row = now.getRow(index);
        return row === undefined ? [] : [now.getRowId(row)];
      });
      now.onSelectionChange?.(setSelected(now.selection, ids, isOn));
      const last = indices.at(-1);
      if (indices.length === 1 && last !== undefined) anchor.current = last;
    },
    [anchor],
  );
}

function useRows<Row>(props: DataTableProps<Row>) {
  const { rowCount, onRangeChange, isTall = false } = props;
  const { density } = useLook();
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = isTall ? ROW_PX.comfortable : ROW_PX[density];
  const rows = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height of rows is not known to the list itself
  useLayoutEffect(() => rows.measure(), [rowPx]);
  const items = rows.getVirtualItems();
  const range = askedRange(items[0]?.index ?? 0, items.at(-1)?.index ?? 0, rowCount);
  const ask = useRef(onRangeChange);
  ask.current = onRangeChange;
  useEffect(() => ask.current?.(range.start, range.end), [range.start, range.end]);
  return { scroller, rows, items, rowPx };
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    label,
    rowCount,
    getRow,
    getRowId,
    selection,
    onSelectionChange,
    selectLabels,
    rowActs,
    onOpen,
    empty,
    height = 'page',
    maxHeightPx,
  } = props;
  const { scroller, rows, items, rowPx } = useRows(props);
  const { shown, head } = useTableColumns(props);
  const [wantedActive, setActive] = useState(0);
  const active = keptActive(wantedActive, rowCount);
  const anchor = useRef(0);
  const sayWhole = useWholeText();
  const wantsFocus = useRef(false);
  const tick = useTicks(props, anchor);

  const latestOpen = useRef({ onOpen, getRow });
  latestOpen.current = { onOpen, getRow };
  const open = useCallback((index: number) => {
    const row = latestOpen.current.getRow(index);
    if (row !== undefined) latestOpen.current.onOpen?.(row);
  }, []);

  const moveTo = (index: number): void => {
    setActive(index);
    wantsFocus.current = true;
    rows.scrollToIndex(index, { align: 'auto' });
  };
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (element === null || element === undefined) return;
    wantsFocus.current = false;
    element.focus({ preventScroll: true });
  });

  const press = useCallback(
    (index: number, event: MouseEvent) => {
      setActive(index);
      const isOnControl = event.target instanceof Element && event.target.closest('a, button, input, label') !== null;
      if (isOnControl) return;
      if (event.shiftKey) tick(indicesBetween(anchor.current, index), true);
      else anchor.current = index;
    },
    [tick],
  );
  const tickOne = useCallback((index: number, isOn: boolean) => tick([index], isOn), [tick]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const isInRow = event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row';
    if (!isInRow && event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    if (event.target instanceof HTMLElement && event.target.closest('.table-head') !== null) return;
    const pageRows = Math.floor((scroller.current?.clientHeight ?? 0) / rowPx);
    const pressed = { key: event.key, isShift: event.shiftKey, isControl: event.ctrlKey || event.metaKey };
    const act = tableAct(pressed, { active, rowCount, pageRows, canSelect: selection !== undefined });
    if (act === null) return;
    event.preventDefault();
    if (act.act === 'move') {
      if (act.isExtending) tick(indicesBetween(anchor.current, act.to), true);
      else anchor.current = act.to;
      moveTo(act.to);
    } else if (act.act === 'toggle') {
      const row = getRow(active);
      if (row !== undefined && selection !== undefined) tick([active], !isSelected(selection, getRowId(row)));
    } else if (act.act === 'open') open(active);
    else onSelectionChange?.(act.act === 'select-all' ? allSelected : nothingSelected);
  };

  const tracks = template(shown, selection !== undefined, rowActs?.width);
  const style: CSSProperties & { '--tracks': string; '--least': string } = {
    '--tracks': tracks.join(' '),
    '--least': `${leastWidthPx(tracks)}px`,
    ...(maxHeightPx !== undefined && { maxHeight: maxHeightPx }),
  };
  return (
    <div className={classNames('table-frame', height === 'fill' && 'is-fill')}>
      <div
        ref={scroller}
        className="table-scroll"
        role="grid"
        aria-label={label}
        aria-rowcount={rowCount + 1}
        aria-colcount={shown.length + (selection === undefined ? 0 : 1) + (rowActs === undefined ? 0 : 1)}
        aria-multiselectable={selection === undefined ? undefined : true}
        tabIndex={rowCount === 0 ? 0 : -1}
        style={style}
        onKeyDown={onKeyDown}
        onPointerMove={sayWhole}
      >
        <DataTableHead
          columns={head}
          tick={
            selection === undefined || selectLabels === undefined
              ? undefined
              : {
                  label: selectLabels.all,
                  value: headState(selection, rowCount),
                  onChange: (isOn) => onSelectionChange?.(isOn ? allSelected : nothingSelected),
                }
          }
          actsLabel={rowActs?.label}
        />
        <div role="rowgroup" className="table-body" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const row = getRow(item.index);
            return (
              <DataTableRow
                key={item.index}
                row={row}
                index={item.index}
                topPx={item.start - HEAD_PX}
                heightPx={rowPx}
                columns={shown}
                isActive={item.index === active}
                isSelected={selection === undefined ? undefined : row !== undefined && isSelected(selection, getRowId(row))}
                selectLabel={selectLabels}
                rowState={props.rowState}
                rowActs={rowActs}
                onPress={press}
                onTick={tickOne}
                onOpen={onOpen === undefined ? undefined : open}
              />
            );
          })}
        </div>
      </div>
      {rowCount === 0 && empty}
    </div>
  );
}
