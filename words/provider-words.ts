import type { FieldProblem } from '#contract/catalogue/credential-fields.ts';
import type { FieldOf, ProviderKind } from '#contract/catalogue/providers.ts';

type WordsOf<K extends ProviderKind> =
  | `providers.${K}.name`
  | `providers.${K}.says`
  | `providers.${K}.${FieldOf<K>}`
  | `providers.${K}.${FieldOf<K>}.hint`;

/** Name and one line of every provider, label and hint of each of its fields, why a field is not taken. A missing one does not compile. */
export type ProviderWords = Readonly<
  Record<
    { [K in ProviderKind]: WordsOf<K> }[ProviderKind] | `providers.problem.${FieldProblem}` | 'providers.optional' | 'providers.stays',
    string
  >
>;
