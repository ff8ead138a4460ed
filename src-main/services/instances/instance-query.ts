import type * as z from 'zod';
import type { InstancePage, InstanceView, instanceQuery } from '#contract/api/instances.ts';
import type { Mark } from '#contract/api/base.ts';
import { nameIn } from '#contract/localized-text.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceProjection } from './instance-projection.ts';
import { createNameRanks, type NameRanks } from './name-ranks.ts';
import { whenChanged } from './when-changed.ts';

export type InstanceQuery = z.output<typeof instanceQuery>;

/** Worst first: what needs a person stands on top. */
const severity: Record<Mark, number> = { bad: 0, warning: 1, unknown: 2, working: 3, paused: 4, good: 5 };
/** Queries whose order is kept; each open window has one or two. */
const keptQueries = 8;

type Deps = {
  readonly projection: InstanceProjection;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly farm: () => { readonly language: string };
};

const haystacks = new WeakMap<InstanceView, string>();
function haystackOf(view: InstanceView): string {
  const known = haystacks.get(view);
  if (known !== undefined) return known;
  const made = [view.name, view.host, view.customer?.name ?? '', view.server?.name ?? '', ...view.labels].join('\n').toLowerCase();
  haystacks.set(view, made);
  return made;
}

function matcherOf({ filter }: InstanceQuery): (view: InstanceView) => boolean {
  const text = filter.text?.trim().toLowerCase() ?? '';
  return (view) =>
    (filter.serverId === undefined || view.server?.id === filter.serverId) &&
    (filter.packageId === undefined || view.package.id === filter.packageId) &&
    (filter.customerId === undefined || view.customer?.id === filter.customerId) &&
    (filter.label === undefined || view.labels.includes(filter.label)) &&
    (text === '' || haystackOf(view).includes(text));
}

/** A number to sort by, or undefined for what was not measured: that comes last either way. */
function sortKeyOf(query: InstanceQuery, ranks: NameRanks): (view: InstanceView) => number | undefined {
  switch (query.sort) {
    case 'state':
      return (view) => severity[view.condition.mark];
    case 'name':
      return ranks.ofInstance;
    case 'customer':
      return (view) => ranks.ofText(view.customer?.name);
    case 'server':
      return (view) => ranks.ofText(view.server?.name);
    case 'package':
      return (view) => ranks.ofText(query.language === undefined ? view.package.name : nameIn(query.language, view.package));
    case 'plan':
      return (view) => view.limits.memoryBytes;
    case 'memory':
      return (view) => view.memoryBytes;
    case 'answer':
      return (view) => view.answerMs;
    case 'created':
      return (view) => view.createdAtMs;
  }
}

type Arranged = { readonly version: number; readonly rows: readonly InstanceView[]; readonly counts: InstancePage['counts'] };

/** Pages over all instances in memory: filter, sort, range, counts. An order is kept until some instance has changed. */
export function createInstanceQuery(deps: Deps) {
  const ranks = createNameRanks(deps.projection, () => deps.farm().language);
  const kept = new Map<string, Arranged>();

  const arrange = (query: InstanceQuery): Arranged => {
    // taken after all views exist: making one is no change
    const all = deps.projection.all();
    const version = deps.projection.version();
    const key = JSON.stringify([query.filter, query.sort, query.isDescending, query.language]);
    const known = kept.get(key);
    if (known?.version === version) return known;
    const matches = matcherOf(query);
    const counts = { good: 0, working: 0, warning: 0, bad: 0, paused: 0, unknown: 0 };
    const marks = query.filter.marks === undefined || query.filter.marks.length === 0 ? undefined : new Set(query.filter.marks);
    const current = ranks.now();
    const keyOf = sortKeyOf(query, current);
    const keyed: { readonly view: InstanceView; readonly key: number | undefined; readonly rank: number }[] = [];
    for (const view of all) {
      if (!matches(view)) continue;
      counts[view.condition.mark] += 1;
      if (marks === undefined || marks.has(view.condition.mark)) keyed.push({ view, key: keyOf(view), rank: current.ofInstance(view) });
    }
    const way = query.isDescending ? -1 : 1;
    keyed.sort((one, other) => {
      if (one.key === other.key) return one.rank - other.rank;
      if (one.key === undefined) return 1;
      return other.key === undefined ? -1 : way * (one.key - other.key);
    });
    const arranged = { version, rows: keyed.map(({ view }) => view), counts };
    kept.delete(key);
    kept.set(key, arranged);
    const [oldest] = kept.keys();
    if (kept.size > keptQueries && oldest !== undefined) kept.delete(oldest);
    return arranged;
  };

  const page = (query: InstanceQuery): InstancePage => {
    const { rows, counts } = arrange(query);
    return { total: rows.length, offset: query.offset, rows: rows.slice(query.offset, query.offset + query.limit), counts };
  };

  /** Views are kept while nothing in them changed, so the same objects are the same page. */
  const isSame = (one: InstancePage, other: InstancePage): boolean =>
    one.total === other.total &&
    one.rows.length === other.rows.length &&
    one.rows.every((row, at) => row === other.rows[at]) &&
    Object.entries(one.counts).every(([mark, count]) => other.counts[mark as Mark] === count);

  return {
    page,
    /** The page now, and again when a row in it, its total or its counts changed; at most every 100 ms. */
    watch: async function* (query: InstanceQuery, signal?: AbortSignal): AsyncGenerator<InstancePage, void, void> {
      let last: InstancePage | undefined;
      for await (const _ of whenChanged(deps, () => true, signal)) {
        const next = page(query);
        if (last !== undefined && isSame(last, next)) continue;
        last = next;
        yield next;
      }
    },
  };
}
