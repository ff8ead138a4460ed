import { type ErrorParameters, FarmError } from '#contract/errors.ts';
import { actorKey, type By } from '../../model/operators/by.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Act, Store } from '../../ports/store.ts';

export type RequestKeys = {
  readonly once: (procedure: string, by: By, input: unknown, hasSecrets: boolean, work: () => Promise<unknown>) => Promise<unknown>;
  /** Forgets what is older than that. May be called at any time; what is under way stays. */
  readonly sweep: () => Promise<void>;
};

/** So long a repeat gets the first answer: a panel that comes back after a long weekend is still understood. */
const keptAnswersMs = 7 * 86_400_000;

/**
 * The same key from the same actor is one act: a repeat gets the first answer, at the same time or later. An act that threw is forgotten, so that
 * it may be tried again; one that was cut off is done again, which is safe because every act is repeatable. Answers with secrets are kept sealed, all
 * of them for `keptAnswersMs`.
 */
export function createRequestKeys(deps: {
  readonly store: Store;
  readonly secrets: () => Secrets;
  readonly clock: Clock;
  readonly farmId: () => string;
  readonly hash: (text: string) => string;
}): RequestKeys {
  const underWay = new Map<string, { readonly inputHash: string; readonly promise: Promise<unknown> }>();
  const answerOf = async (act: Act, hasSecrets: boolean): Promise<unknown> => {
    if (!hasSecrets) return act.answer;
    return JSON.parse(await deps.secrets().open(`act:${act.id}`, String(act.answer)));
  };
  /** The hash of a short secret could be guessed back, so it is kept sealed. */
  const keptHash = (id: string, inputHash: string, hasSecrets: boolean): Promise<string> | string =>
    hasSecrets ? deps.secrets().seal(`act-input:${id}`, inputHash) : inputHash;
  const hashOf = (act: Act, hasSecrets: boolean): Promise<string> | string =>
    hasSecrets ? deps.secrets().open(`act-input:${act.id}`, act.inputHash) : act.inputHash;
  const reused = (by: By): FarmError =>
    new FarmError('REQUEST_KEY_REUSED', { key: by.requestKey } satisfies ErrorParameters<'REQUEST_KEY_REUSED'>);
  const run = async (
    id: string,
    procedure: string,
    by: By,
    inputHash: string,
    hasSecrets: boolean,
    work: () => Promise<unknown>,
  ): Promise<unknown> => {
    const known = await deps.store.acts.get(id);
    if (known !== undefined && (known.procedure !== procedure || (await hashOf(known, hasSecrets)) !== inputHash)) throw reused(by);
    if (known?.state === 'done') return answerOf(known, hasSecrets);
    const act: Act = {
      id,
      farmId: deps.farmId(),
      procedure,
      inputHash: await keptHash(id, inputHash, hasSecrets),
      actor: by.actor,
      state: 'begun',
      answer: null,
      atMs: deps.clock.nowMs(),
    };
    await deps.store.acts.put(act);
    try {
      const answer = await work();
      const kept = hasSecrets ? await deps.secrets().seal(`act:${id}`, JSON.stringify(answer)) : answer;
      // The farm may have come or gone with this very act (starting one, removing the demo): then nothing is kept.
      if (deps.farmId() === act.farmId) await deps.store.acts.put({ ...act, state: 'done', answer: kept });
      return answer;
    } catch (error) {
      await deps.store.acts.remove(id);
      throw error;
    }
  };
  return {
    once: (procedure, by, input, hasSecrets, work) => {
      const id = `${actorKey(by.actor)}/${by.requestKey}`;
      const inputHash = deps.hash(JSON.stringify([procedure, input]));
      const running = underWay.get(id);
      if (running !== undefined) return running.inputHash === inputHash ? running.promise : Promise.reject(reused(by));
      const promise = run(id, procedure, by, inputHash, hasSecrets, work).finally(() => underWay.delete(id));
      underWay.set(id, { inputHash, promise });
      return promise;
    },
    sweep: () => deps.store.acts.removeBefore(deps.clock.nowMs() - keptAnswersMs),
  };
}
