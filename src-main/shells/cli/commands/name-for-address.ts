import type { DomainView } from '#contract/api/domains.ts';
import { sayFailure } from '../../speech.ts';
import type { Answer, Call } from '../command.ts';
import { exitCodeOf, failureOf } from '../failures.ts';
import { findDomain } from '../find-objects.ts';

export type AddressName = {
  readonly label: string;
  readonly isMade: boolean;
  /** The one that was named; else the farm's default, which the core knows. */
  readonly domain: DomainView | undefined;
};
const inDomain = (domain: DomainView | undefined) => (domain === undefined ? {} : { domainId: domain.id });

/**
 * What is sent as the name: what was typed, or the address made of it where it is a name for people (another script, spaces). The same words always
 * make the same address, never a numbered one, so that a repeat with the same request key is the same act. Throws `NOT_FOUND` for a domain that is none.
 */
export async function nameForAddress(call: Pick<Call, 'client' | 't' | 'screen' | 'typed'>, typed: string): Promise<AddressName> {
  const { client, t, screen } = call;
  const wanted = call.typed.text('domain');
  const domain = wanted === undefined ? undefined : await findDomain(client, wanted);
  const checked = await client.instances.checkName({ name: typed, ...inDomain(domain) });
  if (checked.verdict === 'free' || checked.code !== 'NAME_INVALID') return { label: typed, isMade: false, domain };
  const { reason, proposal } = checked.parameters;
  const isForPeople = reason === 'script' || reason === 'characters';
  if (!isForPeople || typeof proposal !== 'string' || proposal === '') return { label: typed, isMade: false, domain };
  if (!screen.isJson) screen.note(t('cli.instances.create.made', { typed, label: proposal }));
  return { label: proposal, isMade: true, domain };
}

/** A name that was refused, with one that would be free. Throws the error again where that is not what it is about, or none can be proposed. */
export async function refusedName(
  call: Pick<Call, 'client' | 't' | 'screen' | 'home'>,
  { label: name, domain }: AddressName,
  error: unknown,
): Promise<Answer> {
  const failure = failureOf(error, call.home);
  if (failure === undefined || !failure.code.startsWith('NAME_')) throw error;
  const checked = await call.client.instances.checkName({ name, ...inDomain(domain) });
  if (checked.verdict === 'free' || checked.proposal === undefined) throw error;
  const { proposal } = checked;
  const sentence = sayFailure(call.t, failure);
  if (!call.screen.isJson) for (const line of [sentence, call.t('cli.instances.proposal', { label: proposal })]) call.screen.note(line);
  return { json: { error: { ...failure, sentence }, proposal }, lines: [], exitCode: exitCodeOf(failure) };
}
