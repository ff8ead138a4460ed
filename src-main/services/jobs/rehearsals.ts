import type { RehearsalRequest, RehearsedChange } from '#contract/api/jobs.ts';
import type { Language } from '#contract/ids.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { JobEngine } from '../../engine/job-engine.ts';

type Of<T extends RehearsalRequest['type']> = Extract<RehearsalRequest, { type: T }>;
export type Foresee = { readonly [T in RehearsalRequest['type']]: (request: Of<T>) => Promise<Foreseen> };

/** Says a change: `jobs.change.<code>.title` and `.says`. */
export type SayChange = (language: Language, code: string, parameters: Foreseen['parameters']) => Pick<RehearsedChange, 'title' | 'says'>;

/** What an act would change, said before it is done: the same list for window, command line and REST, from the parts of its job. */
export function createRehearsals(deps: {
  readonly engine: Pick<JobEngine, 'rehearse'>;
  readonly foresee: Foresee;
  readonly say: SayChange;
  readonly language: () => Language;
}) {
  return async (request: RehearsalRequest, language: Language | undefined): Promise<RehearsedChange[]> => {
    const foresee = deps.foresee[request.type] as (asked: RehearsalRequest) => Promise<Foreseen>;
    const { input, parameters } = await foresee(request);
    const changes = await deps.engine.rehearse(request.type, input);
    return changes.map((change) => {
      const all = { ...parameters, ...change.parameters };
      return { ...change, parameters: all, ...deps.say(language ?? deps.language(), change.code, all) };
    });
  };
}
export type Rehearsals = ReturnType<typeof createRehearsals>;
