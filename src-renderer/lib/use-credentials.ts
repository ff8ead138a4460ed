import { useState } from 'react';
import { type Endpoint, type FieldFormat, type FieldReading, readField } from '#contract/catalogue/credential-fields.ts';
import { fieldsOf, type NamedField, type ProviderKind } from '#contract/catalogue/providers.ts';
import { sayField, sayFieldHint, sayFieldProblem } from '#words/say-provider.ts';
import { useWords } from './use-words.ts';

/** One field as it is to be drawn, all its words in the reader's language. */
export type DrawnField = {
  readonly name: string;
  readonly format: FieldFormat;
  readonly isSecret: boolean;
  readonly label: string;
  readonly hint: string;
  readonly note?: string;
  readonly value: string;
  readonly problem?: string;
};

export type Credentials = {
  readonly fields: readonly DrawnField[];
  readonly onChange: (name: string, typed: string) => void;
  /** `missing`: something that is needed is empty, or nothing was typed at all; `wrong`: a field does not fit. */
  readonly state: 'good' | 'missing' | 'wrong';
  /** What was typed, by field; only where the state is `good`. */
  readonly values: Readonly<Record<string, string | Endpoint[]>>;
};

const valuesOf = (read: readonly { readonly name: string; readonly reading: FieldReading }[]): Credentials['values'] =>
  Object.fromEntries(
    read.flatMap(({ name, reading }) =>
      reading.kind === 'value' ? [[name, typeof reading.value === 'string' ? reading.value : [...reading.value]]] : [],
    ),
  );

/** Of what was typed: is it whole, and does it fit? `isWhole`: every field that is needed must be there; else one at all. */
export function readCredentials(fields: readonly NamedField[], typed: (field: NamedField) => string, isWhole: boolean) {
  const read = fields.map((field) => ({ name: field.name, field, reading: readField(field, field.schema, typed(field)) }));
  const isWrong = read.some(({ reading }) => reading.kind === 'problem');
  const isMissing = isWhole
    ? read.some(({ field, reading }) => reading.kind === 'absent' && !field.isOptional)
    : read.every(({ reading }) => reading.kind === 'absent');
  const state: Credentials['state'] = isWrong ? 'wrong' : isMissing ? 'missing' : 'good';
  return { read, state, values: state === 'good' ? valuesOf(read) : {} };
}

type Options = {
  readonly kind: ProviderKind;
  /** Where open fields are kept while they are typed; secrets never leave this hook but as `values`. */
  readonly kept: (name: string) => string | undefined;
  readonly keep: (name: string, typed: string) => void;
  /** True: everything is typed now. False: what is left empty stays as it is, and secrets come first. */
  readonly isWhole: boolean;
};

/** The form of a provider, drawn from its row in the catalogue. */
export function useCredentials({ kind, kept, keep, isWhole }: Options): Credentials {
  const words = useWords();
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const all = fieldsOf(kind);
  const fields = isWhole ? all : all.toSorted((one, other) => Number(other.isSecret) - Number(one.isSecret));
  const idOf = (name: string): string => `${kind}.${name}`;
  const typed = ({ name, isSecret, fallback }: NamedField): string =>
    isSecret ? (secrets[idOf(name)] ?? '') : (kept(name) ?? (isWhole ? (fallback ?? '') : ''));
  const { read, state, values } = readCredentials(fields, typed, isWhole);
  const noteOf = (field: NamedField): Pick<DrawnField, 'note'> => {
    if (!isWhole) return { note: words('providers.stays') };
    return field.isOptional ? { note: words('providers.optional') } : {};
  };
  return {
    state,
    values,
    onChange: (name, text) => {
      if (fields.find((field) => field.name === name)?.isSecret === false) keep(name, text);
      else setSecrets((before) => ({ ...before, [idOf(name)]: text }));
    },
    fields: read.map(({ field, reading }) => ({
      name: field.name,
      format: field.format,
      isSecret: field.isSecret,
      label: sayField(words, kind, field.name),
      hint: sayFieldHint(words, kind, field),
      ...noteOf(field),
      value: typed(field),
      ...(reading.kind === 'problem' && { problem: sayFieldProblem(words, reading.problem, reading.text) }),
    })),
  };
}
