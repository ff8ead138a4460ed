/* biome-ignore-all lint/a11y/useSemanticElements: rows are placed by index over thousands, which a table element cannot do */
/* biome-ignore-all lint/a11y/useFocusableInteractive: ARIA grid: the active row holds the only tab stop, the grid listens to keys */
/* biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid listens to keys, see table-keys.ts */
import { memo, type MouseEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { Check } from './check.tsx';
import { classNames } from './class-names.ts';
import type { DataTableColumn, DataTableProps } from './data-table-types.ts';

interface RowProps<Row> {
  row: Row | undefined;
  index: number;
  topPx: number;
  heightPx: number;
  columns: readonly DataTableColumn<Row>[];
  isActive: boolean;
  isSelected: boolean | undefined;
  selectLabel: DataTableProps<Row>['selectLabels'];
  rowState: DataTableProps<Row>['rowState'];
  rowActs: DataTableProps<Row>['rowActs'];
  onPress: (index: number, event: MouseEvent) => void;
  onTick: (index: number, isOn: boolean) => void;
  onOpen: ((index: number) => void) | undefined;
}

/* One tab stop for the whole table: what lies inside rows is reachable from the active row only. */
function useInnerTabStops(isActive: boolean) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    for (const inner of element.current?.querySelectorAll<HTMLElement>('a, button, input') ?? []) {
      inner.tabIndex = isActive ? 0 : -1;
    }
  });
  return element;
}

function Cells<Row>({ row, index, columns }: Pick<RowProps<Row>, 'row' | 'index' | 'columns'>): ReactNode {
  return columns.map((column, place) => (
    <div key={column.id} role="gridcell" className={classNames('table-cell', column.isNumber === true && 'number')}>
      {row === undefined ? (
        <span className="skeleton" style={{ width: `${40 + ((index * 7 + place * 13) % 45)}%` }} />
      ) : (
        column.cell(row, index)
      )}
    </div>
  ));
}

function DataTableRowPlain<Row>(props: RowProps<Row>) {
  const { row, index, topPx, heightPx, columns, isActive, isSelected, selectLabel, rowActs, onPress, onTick, onOpen } = props;
  const element = useInnerTabStops(isActive);
  // Menus and tooltips are dear: a row has its acts from when somebody first comes near, and keeps them while it is shown. A pointer that moves,
  // not one that enters: while a list is scrolled, every row enters a pointer that rests.
  const [wasNear, setNear] = useState(false);
  const state = row === undefined ? undefined : props.rowState?.(row);
  return (
    <div
      ref={element}
      role="row"
      className={classNames('table-row', isActive && 'is-active')}
      data-index={index}
      data-state={state === 'bad' ? 'bad' : undefined}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-busy={row === undefined || undefined}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translateY(${topPx}px)`, height: heightPx }}
      onPointerMove={rowActs === undefined || wasNear ? undefined : () => setNear(true)}
      onClick={(event) => onPress(index, event)}
      onDoubleClick={onOpen === undefined ? undefined : () => onOpen(index)}
    >
      {isSelected !== undefined && (
        <div role="gridcell" className="table-cell is-tick">
          <Check
            label={row === undefined ? '' : (selectLabel?.row(row) ?? '')}
            isLabelHidden
            value={isSelected}
            onChange={(isOn) => onTick(index, isOn)}
          />
        </div>
      )}
      <Cells row={row} index={index} columns={columns} />
      {rowActs !== undefined && (
        <div role="gridcell" className="table-cell is-acts">
          {row !== undefined && (isActive || wasNear) && <span className="row-acts">{rowActs.render(row)}</span>}
        </div>
      )}
    </div>
  );
}

export const DataTableRow = memo(DataTableRowPlain) as typeof DataTableRowPlain;
