import type { RefObject } from 'react';
import type { InstancePage, InstanceView } from '#contract/api/instances.ts';
import type { PackageView } from '#contract/api/packages.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { changeLook, useLookStore } from '../../stores/look.ts';
import { selectServers, useSnapshot } from '../../stores/snapshot.ts';
import { Button } from '../../ui/button.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { FilterBar, FilterButton } from '../../ui/filter-bar.tsx';
import { Key } from '../../ui/key.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Segments } from '../../ui/segments.tsx';
import { SearchInput } from '../../ui/text-field.tsx';
import { countOf, type ListState, useListState, views } from './list-state.ts';

const set = (change: Partial<ListState>): void => useListState.setState(change);

function ServerFilter() {
  const words = useWords();
  const servers = useSnapshot(selectServers);
  const chosen = useListState((state) => state.server);
  const text =
    chosen === undefined ? words('instances.list.filter.server') : words('instances.list.filter.serverIs', { server: chosen.name });
  return (
    <Menu
      label={words('instances.list.filter.server')}
      items={servers.map(({ id, name }) => ({ id, text: name, onRun: () => set({ server: { id, name } }) }))}
    >
      <FilterButton
        icon="server"
        text={text}
        isOn={chosen !== undefined}
        clear={{ label: words('instances.list.filter.clear'), onClear: () => set({ server: undefined }) }}
      />
    </Menu>
  );
}

function PackageFilter({ packages }: { packages: readonly PackageView[] }) {
  const words = useWords();
  const chosen = useListState((state) => state.package);
  const text =
    chosen === undefined ? words('instances.list.filter.package') : words('instances.list.filter.packageIs', { package: chosen.name });
  return (
    <Menu
      label={words('instances.list.filter.package')}
      items={packages.map(({ id, name }) => ({ id, text: name, onRun: () => set({ package: { id, name } }) }))}
    >
      <FilterButton
        icon="box"
        text={text}
        isOn={chosen !== undefined}
        clear={{ label: words('instances.list.filter.clear'), onClear: () => set({ package: undefined }) }}
      />
    </Menu>
  );
}

/** Labels are the people's own words: offered as far as the rows in view have any. */
function LabelFilter({ labels }: { labels: readonly string[] }) {
  const words = useWords();
  const chosen = useListState((state) => state.label);
  if (chosen === undefined && labels.length === 0) return null;
  const text =
    chosen === undefined ? words('instances.list.filter.label') : words('instances.list.filter.labelIs', { label: escapeText(chosen) });
  return (
    <Menu
      label={words('instances.list.filter.label')}
      items={labels.map((label) => ({ id: label, text: escapeText(label), onRun: () => set({ label }) }))}
    >
      <FilterButton
        icon="tag"
        text={text}
        isOn={chosen !== undefined}
        clear={{ label: words('instances.list.filter.clear'), onClear: () => set({ label: undefined }) }}
      />
    </Menu>
  );
}

export type ListFiltersProps = {
  readonly counts: InstancePage['counts'] | undefined;
  readonly rows: readonly InstanceView[];
  readonly search: RefObject<HTMLInputElement | null>;
};

/** Views with their counts, the search box, and filters that are dashed until they narrow. */
export function ListFilters({ counts, rows, search }: ListFiltersProps) {
  const words = useWords();
  const format = useFormat();
  const view = useListState((state) => state.view);
  const text = useListState((state) => state.text);
  const density = useLookStore((look) => look.density);
  const packages = useQuery(`packages.list.${words.language}`, (core) => core.packages.list({ language: words.language }), {
    freshMs: 60_000,
  });
  const labels = [...new Set(rows.flatMap((row) => row.labels))].sort().slice(0, 30);
  const shown = views.filter(
    (id) => id === 'all' || id === 'attention' || id === view || (counts !== undefined && countOf(counts, id) > 0),
  );
  const isDense = density === 'dense';
  return (
    <FilterBar
      label={words('instances.list.narrow')}
      views={
        <Segments
          label={words('instances.list.views')}
          value={view}
          onChange={(id) => set({ view: views.find((known) => known === id) ?? 'all' })}
          segments={shown.map((id) => ({
            id,
            text: words(`instances.list.view.${id}`),
            ...(counts !== undefined && { count: format.number(countOf(counts, id)) }),
          }))}
        />
      }
    >
      <SearchInput
        ref={search}
        label={words('instances.list.search')}
        value={text}
        onChange={(typed) => set({ text: typed })}
        keyHint={<Key>{'/'}</Key>}
      />
      <ServerFilter />
      <PackageFilter packages={packages.data?.packages ?? []} />
      <LabelFilter labels={labels} />
      <Button
        look="bare"
        icon="sliders-horizontal"
        label={words(isDense ? 'instances.list.comfortable' : 'instances.list.dense')}
        onClick={() => changeLook({ density: isDense ? 'comfortable' : 'dense' })}
      />
    </FilterBar>
  );
}
