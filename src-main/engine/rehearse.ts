import type { AnyPart, Facts, History, Part, Seen, State } from '../effects/effect.ts';

/** One thing that a job would change. `isCertain`: what stands now is known; otherwise the change is made where it does not stand so already. */
export type Rehearsed = {
  readonly step: string;
  readonly kind: string;
  readonly code: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly isCertain: boolean;
};

const plain = (facts: Facts | undefined): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(facts ?? {}).filter((entry): entry is [string, string | number] => ['string', 'number'].includes(typeof entry[1])),
  );

const saidBy = ({ kind, code, parameters }: Rehearsed): string => JSON.stringify([kind, code, parameters]);

/**
 * What a job made of these parts would change, by what the store and the following of agents know: nobody is asked, and nothing is made. A part whose
 * place is not known yet says nothing. `serverName`: as people know it.
 */
export async function rehearse(
  parts: readonly AnyPart[],
  serverName: (serverId: string) => Promise<string>,
): Promise<readonly Rehearsed[]> {
  const histories = new Map<string, History<Facts>>();
  const nothing: History<Facts> = { before: undefined, after: undefined, noted: {}, isKept: false };
  const idOf = (part: Pick<Part, 'step' | 'key'>): string => `${part.step}/${part.key}`;
  const state: State = { of: (part) => (histories.get(idOf(part)) ?? nothing) as History<never> };
  const changes: Rehearsed[] = [];
  const made = new Set<string>();
  for (const part of parts) {
    if (part.kind !== 'effect') continue;
    const target = await part.target(state);
    if (target === undefined) continue;
    const { effect } = part;
    const seen: Seen<Facts> | 'unknown' = part.before ?? (await effect.known?.(target)) ?? 'unknown';
    if (seen === 'place-gone') continue;
    const before = seen === 'unknown' ? undefined : seen;
    histories.set(idOf(part), { ...nothing, before });
    const wanted = part.desired === 'absent' ? 'absent' : await part.desired(state);
    const change = effect.describe(seen, wanted, target);
    const after = change === undefined || wanted === 'absent' ? undefined : await effect.foresee?.(target, wanted);
    const stands = typeof seen === 'object' ? seen : undefined;
    histories.set(idOf(part), {
      before,
      after: after ?? (change === undefined ? stands : undefined),
      noted: {},
      isKept: false,
    });
    if (change === undefined) continue;
    // Of a thing that comes, that it comes is enough; of one that goes, that it goes.
    const thing = `${effect.kind}/${part.key}`;
    if (made.has(thing)) continue;
    if (seen === 'absent') made.add(thing);
    if (wanted === 'absent') changes.splice(0, changes.length, ...changes.filter(({ kind }) => kind !== effect.kind));
    const server = effect.server?.(target);
    const parameters = { ...plain(after), ...(server === undefined ? {} : { server: await serverName(server) }), ...change.parameters };
    const next = { step: part.step, kind: effect.kind, code: change.code, parameters, isCertain: seen !== 'unknown' };
    // Later parts of a job make sure of what earlier ones did: that is said once.
    if (!changes.some((one) => saidBy(one) === saidBy(next))) changes.push(next);
  }
  return changes;
}
