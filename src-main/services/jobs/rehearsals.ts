import type { RehearsalRequest, RehearsedChange } from '#contract/api/jobs.ts';
import type { ActOf } from '#contract/catalogue/job-acts.ts';
import { type ByRowType, isByRow, type OwnFormType } from '#contract/catalogue/jobs.ts';
import type { Language } from '#contract/ids.ts';
import { planningOf } from '../../engine/begin-act.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import type { JobTable } from '../../engine/job-table.ts';

/** Of the types that are begun by code of their own. */
export type Foresee = { readonly [T in OwnFormType]: (request: ActOf<T>) => Foreseen | Promise<Foreseen> };

/** Says a change: `jobs.change.<code>.title` and `.says`; in the place of that `.unsure`, where nobody here knows what stands now. */
export type SayChange = (
  language: Language,
  change: { readonly code: string; readonly isCertain: boolean },
  parameters: Foreseen['parameters'],
) => Pick<RehearsedChange, 'title' | 'says'>;

const begins = (request: RehearsalRequest): request is ActOf<ByRowType> => isByRow(request.type);

async function foreseen(deps: Pick<Deps, 'foresee' | 'tables'>, request: RehearsalRequest): Promise<Foreseen> {
  if (begins(request)) {
    const { input, parameters } = await planningOf(deps.tables, request).plan(request);
    return { input, parameters: await parameters() };
  }
  switch (request.type) {
    case 'create':
      return deps.foresee.create(request);
    case 'add-domain':
      return deps.foresee['add-domain'](request);
    case 'change-domain':
      return deps.foresee['change-domain'](request);
    case 'join-server':
      return deps.foresee['join-server'](request);
  }
}

type Deps = {
  readonly engine: Pick<JobEngine, 'rehearse'>;
  readonly tables: readonly JobTable[];
  readonly foresee: Foresee;
  readonly say: SayChange;
  readonly language: () => Language;
};

/** What an act would change, said before it is done: the same list for window, command line and REST, from the parts of its job. */
export function createRehearsals(deps: Deps) {
  return async (request: RehearsalRequest, language: Language | undefined): Promise<RehearsedChange[]> => {
    const { input, parameters } = await foreseen(deps, request);
    const changes = await deps.engine.rehearse(request.type, input);
    return changes.map((change) => {
      const all = { ...parameters, ...change.parameters };
      return { ...change, parameters: all, ...deps.say(language ?? deps.language(), change, all) };
    });
  };
}
export type Rehearsals = ReturnType<typeof createRehearsals>;
