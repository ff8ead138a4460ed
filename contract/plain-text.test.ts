import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { api } from './api/index.ts';
import { isLine, line } from './plain-text.ts';

/** Long enough for every least length, and one of these in it. */
const evil: Readonly<Record<string, string>> = {
  NUL: '\0',
  'line feed': '\n',
  'carriage return': '\r',
  tab: '\t',
  escape: '\u001b',
  delete: '\u007f',
  'C1 control': '\u0085',
  'line separator': '\u2028',
  'paragraph separator': '\u2029',
  'lone high surrogate': '\ud800',
  'lone low surrogate': '\udc00',
  'right-to-left override': '\u202e',
  'left-to-right embedding': '\u202a',
  isolate: '\u2066',
  'pop isolate': '\u2069',
  'right-to-left mark': '\u200f',
  'Arabic letter mark': '\u061c',
};
const withIn = (character: string): string => `abcdef.gh${character}ijk.lmn`;

/** What is asked as it is, to be judged with a proposal: nothing of it is kept. */
const judged = ['instances.checkName.name', 'jobs.rehearse.act.name'];

type Leaf = { readonly path: string; readonly schema: z.core.$ZodType };
/** Every place of an input where text may stand. A kind of schema that is not known here fails: it could hold text. */
function textsOf(schema: z.core.$ZodType, path: string): Leaf[] {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'string':
      return [{ path, schema }];
    case 'object':
      return Object.entries(def.shape).flatMap(([name, inner]) => textsOf(inner, `${path}.${name}`));
    case 'array':
      return textsOf(def.element, path);
    case 'record':
      return [...textsOf(def.keyType, path), ...textsOf(def.valueType, path)];
    case 'union':
      return def.options.flatMap((option) => textsOf(option, path));
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return textsOf(def.innerType, path);
    case 'pipe':
      return [...textsOf(def.in, path), ...textsOf(def.out, path)];
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
    case 'undefined':
      return [];
    default:
      throw new Error(`${path}: say here whether a schema of type ${def.type} can hold text`);
  }
}

const inputs = Object.entries(api).flatMap(([area, procedures]) =>
  Object.entries(procedures).flatMap(([verb, procedure]) => {
    const { inputSchema } = procedure['~orpc'] as { readonly inputSchema?: z.core.$ZodType };
    return inputSchema === undefined ? [] : textsOf(inputSchema, `${area}.${verb}`);
  }),
);

describe('every text of every input of the contract', () => {
  test('is found by the walk', () => {
    const paths = inputs.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['customers.create.name', 'instances.create.labels', 'instances.create.customer.contact']),
    );
    expect(paths.length).toBeGreaterThan(60);
    for (const path of judged) expect(paths).toContain(path);
  });

  test.each(inputs.filter(({ path }) => !judged.includes(path)).map(({ path, schema }) => [path, schema] as const))(
    '%s takes no character that is not seen or that turns the reading order around',
    (_path, schema) => {
      const taken = Object.entries(evil).filter(([, character]) => z.safeParse(schema, withIn(character)).success);
      expect(taken.map(([name]) => name)).toEqual([]);
    },
  );
});

test.each(['Ольга', 'محمد', 'דנה', 'क्‍ष', 'نمی‌خواهم', '👩‍👩‍👧', 'O’Neil & Söhne', ' ', ''])('%j is a line', (text) => {
  expect([isLine(text), line.safeParse(text).success]).toEqual([true, true]);
});
