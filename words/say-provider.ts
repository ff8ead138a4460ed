import type { FieldProblem } from '#contract/catalogue/credential-fields.ts';
import type { NamedField, ProviderKind } from '#contract/catalogue/providers.ts';
import type { Translate } from './translate.ts';

export const sayProvider = (t: Translate, kind: ProviderKind): string => t.say(`providers.${kind}.name`);

/** The label of a field; its bare name where an older program has no words for it. */
export function sayField(t: Translate, kind: ProviderKind, name: string): string {
  const key = `providers.${kind}.${name}`;
  return t.has(key) ? t.say(key) : name;
}

export function sayFieldHint(t: Translate, kind: ProviderKind, { name }: NamedField): string {
  const key = `providers.${kind}.${name}.hint`;
  return t.has(key) ? t.say(key) : '';
}

/** `text`: the part of what was typed that is wrong; never of a secret. */
export const sayFieldProblem = (t: Translate, problem: FieldProblem, text: string): string =>
  t.say(`providers.problem.${problem}`, { text });
