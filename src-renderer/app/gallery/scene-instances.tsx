import { useCallback, useMemo, useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { DataTable, type DataTableColumn, type TableSort } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FilterBar, FilterButton, SelectionBar } from '../../ui/filter-bar.tsx';
import { Key } from '../../ui/key.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { Segments } from '../../ui/segments.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { nothingSelected, selectedCount, setSelected, type TableSelection } from '../../ui/table-selection.ts';
import { SearchInput } from '../../ui/text-field.tsx';
import { Frame } from './frame.tsx';
import { rows as allRows, type SampleInstance } from './samples.ts';

const columns: readonly DataTableColumn<SampleInstance>[] = [
  {
    id: 'state',
    header: 'State',
    width: 'minmax(128px, 1fr)',
    canSort: true,
    cell: (row) => (
      <StateChip look="plain" state={row.state}>
        {row.word}
      </StateChip>
    ),
  },
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(110px, 1fr)',
    canSort: true,
    cell: (row) => (
      <a className="name" href={`#/instances/${row.id}`}>
        {row.name}
      </a>
    ),
  },
  { id: 'customer', header: 'Customer', width: 'minmax(150px, 2fr)', canSort: true, cell: (row) => row.customer },
  {
    id: 'application',
    header: 'Application',
    width: 'minmax(110px, 1fr)',
    canSort: true,
    leavesBelowPx: 1180,
    cell: (row) => row.application,
  },
  { id: 'server', header: 'Server', width: 'minmax(80px, .7fr)', canSort: true, cell: (row) => row.server },
  { id: 'plan', header: 'Plan', width: 'minmax(52px, .4fr)', leavesBelowPx: 1180, cell: (row) => row.plan },
  {
    id: 'memory',
    header: 'Memory',
    width: 'minmax(150px, 1fr)',
    isNumber: true,
    canSort: true,
    cell: (row) => (
      <span className="load">
        <span>
          {row.memoryMb ?? '–'}
          {row.memoryMb !== undefined && <span className="unit">{'MB'}</span>}
        </span>
        <Meter
          now={row.memoryShare}
          state={row.state === 'bad' || row.state === 'warning' ? row.state : undefined}
          label={`${Math.round(row.memoryShare * 100)} %`}
        />
      </span>
    ),
  },
  {
    id: 'answer',
    header: 'Answers in',
    width: 'minmax(96px, .7fr)',
    isNumber: true,
    canSort: true,
    cell: (row) => (
      <>
        {row.answerMs ?? '–'}
        {row.answerMs !== undefined && <span className="unit">{'ms'}</span>}
      </>
    ),
  },
];

const countOf = (isCounted: (row: SampleInstance) => boolean): string => String(allRows.filter(isCounted).length);

/* Rows arrive a moment after they are asked for, as from a core. */
function useStreamedRows(rowCount: number, delayMs: number) {
  const rows = useRef(new Map<number, SampleInstance>());
  const [version, setVersion] = useState(0);
  const onRangeChange = useCallback(
    (start: number, end: number) => {
      const load = (): void => {
        for (let index = start; index < Math.min(end, rowCount); index += 1) {
          const row = allRows[index];
          if (row !== undefined) rows.current.set(index, row);
        }
        setVersion((now) => now + 1);
      };
      setTimeout(load, delayMs);
    },
    [rowCount, delayMs],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is a new answer
  const getRow = useMemo(() => (index: number) => rows.current.get(index), [version]);
  return { getRow, onRangeChange };
}

export function SceneInstances({ rowCount }: { rowCount: number }) {
  const { getRow, onRangeChange } = useStreamedRows(rowCount, 60);
  const [sort, setSort] = useState<TableSort>({ id: 'state', isDescending: false });
  const [view, setView] = useState('all');
  const [text, setText] = useState('');
  const [selection, setSelection] = useState<TableSelection>(() =>
    rowCount > 0
      ? setSelected(
          nothingSelected,
          [0, 2, 10].flatMap((index) => allRows[index]?.id ?? []),
          true,
        )
      : nothingSelected,
  );
  const selected = selectedCount(selection, rowCount);
  return (
    <Frame current="instances">
      <Page width="fixed">
        <PageHead
          title="Instances"
          acts={
            <>
              <Button>{'Import a list'}</Button>
              <Button look="primary" icon="plus" keyHint="N">
                {'New instance'}
              </Button>
            </>
          }
        />
        <FilterBar
          label="Narrow the list"
          views={
            <Segments
              label="Saved views"
              value={view}
              onChange={setView}
              segments={[
                { id: 'all', text: 'All', count: countOf(() => true) },
                { id: 'attention', text: 'Attention', count: countOf(({ state }) => state === 'bad' || state === 'warning') },
                { id: 'suspended', text: 'Suspended', count: countOf(({ state }) => state === 'paused') },
              ]}
            />
          }
        >
          <SearchInput label="Name, customer or label" value={text} onChange={setText} keyHint={<Key>{'/'}</Key>} />
          <FilterButton icon="circle-dashed" text="State is Slow" isOn clear={{ label: 'Clear', onClear: () => undefined }} />
          <FilterButton icon="server" text="Server" isOn={false} />
        </FilterBar>
        <DataTable
          label="Instances"
          height="fill"
          columns={columns}
          rowCount={rowCount}
          getRow={getRow}
          getRowId={(row) => row.id}
          onRangeChange={onRangeChange}
          sort={sort}
          onSortChange={setSort}
          selection={selection}
          onSelectionChange={setSelection}
          selectLabels={{ all: 'Select all', row: (row) => `Select ${row.name}` }}
          rowState={(row) => row.state}
          rowActs={{
            label: 'Acts',
            width: '104px',
            render: (row) => (
              <>
                <Button look="bare" size="small" icon="arrow-up-right" label={`Open ${row.name}`} />
                <Menu label={`Acts on ${row.name}`} items={[{ id: 'r', icon: 'rotate-cw', text: 'Restart', onRun: () => undefined }]}>
                  <button type="button" className="button is-bare is-small is-icon" aria-label={`More acts on ${row.name}`}>
                    {'…'}
                  </button>
                </Menu>
              </>
            ),
          }}
          empty={
            <EmptyState mark={{ icon: 'layers' }} title="No instances yet" act={<Button look="primary">{'New instance'}</Button>}>
              {'An instance is one customer’s application at an address of its own. The first takes about six seconds.'}
            </EmptyState>
          }
        />
        {selected > 0 && (
          <SelectionBar
            label="Selected instances"
            text={`${selected} selected`}
            acts={
              <>
                <Button icon="pause">{'Suspend'}</Button>
                <Button icon="move-right">{'Move'}</Button>
                <Button icon="archive">{'Back up'}</Button>
              </>
            }
            note="Every act is rehearsed before it starts"
            clear={
              <Button keyHint="Esc" onClick={() => setSelection(nothingSelected)}>
                {'Clear'}
              </Button>
            }
          />
        )}
      </Page>
    </Frame>
  );
}
