import type { RehearsalRequest, RehearsedChange } from '#contract/api/jobs.ts';
import type { Language } from '#contract/ids.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { JobEngine } from '../../engine/job-engine.ts';

type Of<T extends RehearsalRequest['type']> = Extract<RehearsalRequest, { readonly type: T }>;
export type Foresee = {
  readonly create: (request: Of<'create'>) => Promise<Foreseen>;
  readonly instance: (request: Extract<RehearsalRequest, { readonly instanceId: unknown }>) => Promise<Foreseen>;
  readonly server: (request: Of<'remove-server'> | Of<'join-server'> | Of<'address-server'>) => Promise<Foreseen>;
  readonly domain: (
    request: Extract<RehearsalRequest, { readonly domainId: unknown; readonly packageId?: never }> | Of<'add-domain'>,
  ) => Promise<Foreseen>;
};

/** Says a change: `jobs.change.<code>.title` and `.says`; in the place of that `.unsure`, where nobody here knows what stands now. */
export type SayChange = (
  language: Language,
  change: { readonly code: string; readonly isCertain: boolean },
  parameters: Foreseen['parameters'],
) => Pick<RehearsedChange, 'title' | 'says'>;

function foreseen(foresee: Foresee, request: RehearsalRequest): Promise<Foreseen> {
  if (request.type === 'create') return foresee.create(request);
  if ('instanceId' in request) return foresee.instance(request);
  return request.type === 'remove-server' || request.type === 'join-server' || request.type === 'address-server'
    ? foresee.server(request)
    : foresee.domain(request);
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
