/* biome-ignore-all lint/a11y/useSemanticElements: rows are placed by index over thousands, which a table element cannot do */
/* biome-ignore-all lint/a11y/useFocusableInteractive: ARIA grid: the active row holds the only tab stop, the grid listens to keys */
/* biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid listens to keys, see table-keys.ts */
import type { ReactNode } from 'react';
import { Check } from './check.tsx';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';

export interface HeadColumn {
  id: string;
  header: ReactNode;
  isNumber: boolean;
  /* undefined: cannot be sorted. */
  onSort: (() => void) | undefined;
  sorted: 'asc' | 'desc' | false;
}

export interface DataTableHeadProps {
  columns: readonly HeadColumn[];
  tick: { label: string; value: boolean | 'some'; onChange: (isOn: boolean) => void } | undefined;
  actsLabel: string | undefined;
}

export function DataTableHead({ columns, tick, actsLabel }: DataTableHeadProps) {
  return (
    <div role="rowgroup" className="table-head-group">
      <div role="row" className="table-head" aria-rowindex={1}>
        {tick !== undefined && (
          <div role="columnheader" className="table-headcell is-tick">
            <Check label={tick.label} isLabelHidden value={tick.value} onChange={tick.onChange} />
          </div>
        )}
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={classNames('table-headcell', column.isNumber && 'number')}
            aria-sort={column.sorted === false ? undefined : column.sorted === 'asc' ? 'ascending' : 'descending'}
          >
            {column.onSort === undefined ? (
              column.header
            ) : (
              <button type="button" onClick={column.onSort}>
                {column.header}
                {column.sorted !== false && <Icon name={column.sorted === 'asc' ? 'chevron-up' : 'chevron-down'} />}
              </button>
            )}
          </div>
        ))}
        {actsLabel !== undefined && (
          <div role="columnheader" className="table-headcell">
            <span className="hidden-text">{actsLabel}</span>
          </div>
        )}
      </div>
    </div>
  );
}
