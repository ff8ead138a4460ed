import type { RehearsalRequest, RehearsedChange } from '#contract/api/jobs.ts';
import { type JobSubjectKind, type JobTypeAbout, jobCatalogue } from '#contract/catalogue/jobs.ts';
import type { Language } from '#contract/ids.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { JobEngine } from '../../engine/job-engine.ts';

type About<S extends JobSubjectKind> = Extract<RehearsalRequest, { readonly type: JobTypeAbout<S> }>;
type OnOne = { readonly instanceId: unknown };
export type Foresee = {
  readonly create: (request: Exclude<About<'instance'>, OnOne>) => Promise<Foreseen>;
  readonly instance: (request: Extract<About<'instance'>, OnOne>) => Promise<Foreseen>;
  readonly server: (request: About<'server'>) => Promise<Foreseen>;
  readonly domain: (request: About<'domain' | 'certificate'>) => Promise<Foreseen>;
};

/** Says a change: `jobs.change.<code>.title` and `.says`; in the place of that `.unsure`, where nobody here knows what stands now. */
export type SayChange = (
  language: Language,
  change: { readonly code: string; readonly isCertain: boolean },
  parameters: Foreseen['parameters'],
) => Pick<RehearsedChange, 'title' | 'says'>;

/** By the subject of the type's row. */
const isAbout = <S extends JobSubjectKind>(request: RehearsalRequest, subject: S): request is About<S> =>
  jobCatalogue[request.type].subject === subject;

function foreseen(foresee: Foresee, request: RehearsalRequest): Promise<Foreseen> {
  if (isAbout(request, 'instance')) return 'instanceId' in request ? foresee.instance(request) : foresee.create(request);
  return isAbout(request, 'server') ? foresee.server(request) : foresee.domain(request);
}

/** What an act would change, said before it is done: the same list for window, command line and REST, from the parts of its job. */
export function createRehearsals(deps: {
  readonly engine: Pick<JobEngine, 'rehearse'>;
  readonly foresee: Foresee;
  readonly say: SayChange;
  readonly language: () => Language;
}) {
  return async (request: RehearsalRequest, language: Language | undefined): Promise<RehearsedChange[]> => {
    const { input, parameters } = await foreseen(deps.foresee, request);
    const changes = await deps.engine.rehearse(request.type, input);
    return changes.map((change) => {
      const all = { ...parameters, ...change.parameters };
      return { ...change, parameters: all, ...deps.say(language ?? deps.language(), change, all) };
    });
  };
}
export type Rehearsals = ReturnType<typeof createRehearsals>;
