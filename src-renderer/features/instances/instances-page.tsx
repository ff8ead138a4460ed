import { useEffect, useMemo, useRef, useState } from 'react';
import type { InstanceView } from '#contract/api/instances.ts';
import { sayFailure } from '../../lib/failure.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { useHost } from '../../lib/use-core.ts';
import { usePageKeys } from '../../lib/use-page-keys.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { nothingSelected, selectedCount, type TableSelection } from '../../ui/table-selection.ts';
import { actItems } from './act-menu.tsx';
import { instanceColumns } from './list-columns.tsx';
import { ListFilters } from './list-filters.tsx';
import { ListSelection } from './list-selection.tsx';
import { filterOf, isNarrowed, useListState, wholeList } from './list-state.ts';
import { useActs } from './use-acts.tsx';
import { useInstanceRows } from './use-instance-rows.ts';

/* The person wants one row of thousands, or all that are not well. First seen: what is wrong (sorted first, the only colour). What may go
   wrong: an act on the wrong row (its name is in every act and dialog), or an old list taken for a new one (said, with its age). */

const newInstance = (text: string) => (
  <Button look="primary" icon="plus" keyHint="N" href={paths.newInstance}>
    {text}
  </Button>
);

const getRowId = (row: InstanceView): string => row.id;
const rowState = (row: InstanceView) => row.condition.mark;
const open = (row: InstanceView): void => goTo(paths.instance(row.name));

/** What stays the same between two pages of rows, so that unchanged rows are not drawn again. */
function useStableParts(acts: ReturnType<typeof useActs>) {
  const words = useWords();
  const format = useFormat();
  const host = useHost();
  const ask = useRef(acts.ask);
  ask.current = acts.ask;
  const columns = useMemo(() => instanceColumns(words, format), [words, format]);
  const selectLabels = useMemo(
    () => ({ all: words('instances.list.selectAll'), row: (row: InstanceView) => words('instances.list.select', { name: row.name }) }),
    [words],
  );
  const rowActs = useMemo(
    () => ({
      label: words('instances.list.acts'),
      width: '104px',
      render: (row: InstanceView) => (
        <>
          <Button
            look="bare"
            size="small"
            icon="arrow-up-right"
            label={words('instances.list.open', { name: row.name })}
            onClick={() => void host.openAddress(row.url)}
          />
          <CopyButton
            text={row.url}
            label={words('instances.list.copy', { name: row.name })}
            copiedLabel={words('instances.list.copied')}
            onCopy={host.copyText}
          />
          <Menu
            label={words('instances.list.more', { name: row.name })}
            items={actItems(words, row, (act, instance) => ask.current(act, instance))}
          >
            <Button look="bare" size="small" icon="ellipsis" label={words('instances.list.more', { name: row.name })} />
          </Menu>
        </>
      ),
    }),
    [words, host],
  );
  return { columns, selectLabels, rowActs };
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords();
  if (!isFiltered) {
    return (
      <EmptyState mark={{ icon: 'layers' }} title={words('instances.list.empty.title')} act={newInstance(words('instances.list.new'))}>
        {words('instances.list.empty.says')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      mark={{ icon: 'search' }}
      title={words('instances.list.emptyFilter.title')}
      act={
        <Button onClick={() => useListState.setState({ ...wholeList, sort: useListState.getState().sort })}>
          {words('instances.list.emptyFilter.act')}
        </Button>
      }
    >
      {words('instances.list.emptyFilter.says')}
    </EmptyState>
  );
}

export function InstancesPage() {
  const words = useWords();
  const format = useFormat();
  const state = useListState();
  const acts = useActs();
  const list = useInstanceRows(state);
  const { columns, selectLabels, rowActs } = useStableParts(acts);
  const [selection, setSelection] = useState<TableSelection>(nothingSelected);
  const search = useRef<HTMLInputElement>(null);
  const filter = filterOf(state);
  const filterKey = JSON.stringify(filter);
  usePageTitle(words('instances.list.title'));
  usePageKeys({ '/': () => search.current?.focus(), Escape: () => setSelection(nothingSelected) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter finds other rows, so what was chosen no longer means the same
  useEffect(() => setSelection(nothingSelected), [filterKey]);
  const selected = selectedCount(selection, list.total);
  const isFiltered = isNarrowed(state);
  const isEmptyFarm = list.isKnown && list.total === 0 && !isFiltered;
  const visible = Array.from({ length: Math.min(list.total, 100) }, (_, index) => list.getRow(index)).filter((row) => row !== undefined);
  return (
    <Page width="fixed">
      <PageHead title={words('instances.list.title')} {...(!isEmptyFarm && { acts: newInstance(words('instances.list.new')) })} />
      {!isEmptyFarm && <ListFilters counts={list.counts} rows={visible} search={search} />}
      {list.failure !== undefined && (
        <Banner
          state="unknown"
          title={list.atMs === undefined ? words('instances.list.failed') : words('instances.list.old', { age: format.time(list.atMs) })}
          acts={
            <Button icon="rotate-cw" onClick={list.retry}>
              {words('instances.list.retry')}
            </Button>
          }
        >
          {sayFailure(words, list.failure)}
        </Banner>
      )}
      {isEmptyFarm ? (
        <Panel>
          <Nothing isFiltered={false} />
        </Panel>
      ) : list.isKnown ? (
        <DataTable
          label={words('instances.list.label')}
          height="fill"
          columns={columns}
          rowCount={list.total}
          getRow={list.getRow}
          getRowId={getRowId}
          onRangeChange={list.onRangeChange}
          sort={state.sort}
          onSortChange={(sort) => useListState.setState({ sort })}
          selection={selection}
          onSelectionChange={setSelection}
          selectLabels={selectLabels}
          rowState={rowState}
          onOpen={open}
          rowActs={rowActs}
          empty={<Nothing isFiltered />}
        />
      ) : (
        list.failure === undefined && <SkeletonRows label={words('instances.list.loading')} widths={[92, 88, 95, 84, 90, 87]} />
      )}
      {selected > 0 && (
        <ListSelection filter={filter} selection={selection} count={selected} onClear={() => setSelection(nothingSelected)} />
      )}
      {acts.dialog}
    </Page>
  );
}
