import type { JobType } from '#contract/catalogue/jobs.ts';
import type { Step } from '../../engine/job-table.ts';
import type { Store, Tables } from '../../ports/store.ts';
import type { Plant } from './run-order.ts';

type Broken = (step: Step) => Partial<Step>;

/** One step of some types of job does something wrong. */
const inStep = (types: readonly JobType[], name: string, broken: Broken): Plant => ({
  tables: (tables) =>
    tables.map((table) =>
      types.includes(table.type)
        ? { ...table, steps: table.steps.map((step) => (step.name === name ? { ...step, ...broken(step) } : step)) }
        : table,
    ),
});
const forgetsUndo: Broken = (step) => ({
  undo: async () => undefined,
  isThere: (context) => (context.job.direction === 'back' ? Promise.resolve(false) : step.isThere(context)),
});
const doesNothing: Broken = () => ({ act: async () => ({ outcome: 'skipped' }), isThere: async () => true });

/** The store forgets something, in transactions and outside. */
const inStore = (broken: (tables: Tables) => Partial<Tables>): Plant => ({
  store: (store): Store => ({
    ...store,
    ...broken(store),
    transaction: (work) => store.transaction((tables) => work({ ...tables, ...broken(tables) })),
  }),
});

/** What is done wrong on purpose: each must be found by the random orders, the deaths or the pairs. */
export const planted: Readonly<Record<string, Plant>> = {
  'an undone create forgets its DNS record': inStep(['create'], 'dns', forgetsUndo),
  'an undone create forgets its route': inStep(['create'], 'route', forgetsUndo),
  'a removal forgets the package': inStep(['remove'], 'package', doesNothing),
  'a join that is taken back leaves its agent in the farm': inStep(['join-server'], 'pair', forgetsUndo),
  'an undone domain forgets its zone': inStep(['add-domain'], 'zone', forgetsUndo),
  'a removed domain leaves its certificates on servers': inStep(['remove-domain'], 'servers', doesNothing),
  'a wildcard is taken out before the names below it have their own': inStep(['drop-wildcard'], 'records', doesNothing),
  'names do not follow the addresses of their server': inStep(['address-server'], 'records', doesNothing),
  'an act that failed does not say what can still be wanted': {
    tables: (tables) =>
      tables.map((table) => {
        const { settle: _settle, ...rest } = table;
        return rest;
      }),
  },
  'a wildcard is relied on without a record': inStep(['keep-wildcard'], 'record', doesNothing),
  'a job that has ended keeps its locks': inStore(({ locks }) => ({ locks: { ...locks, remove: async () => undefined } })),
  'a job takes no locks': inStore(({ locks }) => ({ locks: { ...locks, insert: async () => undefined } })),
  'what stood before a step is not saved': inStore(({ jobSteps }) => ({
    jobSteps: {
      ...jobSteps,
      put: (row) => jobSteps.put(row.outcome === 'doing' ? { ...row, checkpoint: {} } : row),
      patch: (id, change) => jobSteps.patch(id, change.outcome === 'doing' ? { ...change, checkpoint: {} } : change),
    },
  })),
};
