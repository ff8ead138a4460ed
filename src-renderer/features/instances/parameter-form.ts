import type { PackageView } from '#contract/api/packages.ts';
import type { Language } from '#contract/ids.ts';
import type { ParameterSchema } from '#contract/package-manifest.ts';
import type { Translate } from '#words/translate.ts';

export type ParameterField = {
  readonly id: string;
  readonly kind: 'text' | 'secret' | 'number' | 'switch' | 'choice';
  readonly title: string;
  readonly description: string | undefined;
  readonly isRequired: boolean;
  readonly isGenerated: boolean;
  readonly isSecret: boolean;
  readonly initial: string;
  readonly schema: ParameterSchema;
};

function kindOf(schema: ParameterSchema): ParameterField['kind'] {
  if (schema.type === 'boolean') return 'switch';
  if (schema.enum !== undefined) return 'choice';
  if (schema.type === 'integer') return 'number';
  return schema['x-secret'] === true ? 'secret' : 'text';
}

/** The fields that a package's manifest draws, in its order. */
export function fieldsOf(parameters: PackageView['parameters'], language: Language): readonly ParameterField[] {
  return Object.entries(parameters.properties).map(([id, schema]) => ({
    id,
    kind: kindOf(schema),
    title: schema.title[language] ?? schema.title.en,
    description: schema.description?.[language] ?? schema.description?.en,
    isRequired: parameters.required.includes(id),
    isGenerated: schema['x-generate'] !== undefined,
    isSecret: schema['x-secret'] === true,
    initial: schema.default === undefined ? '' : String(schema.default),
    schema,
  }));
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(text);
  } catch {
    // A pattern that is no regular expression is the packager's fault; the core has the last word.
    return true;
  }
}

/** What is wrong with a value while it is typed; undefined when it is good. */
export function problemOf(words: Translate, field: ParameterField, text: string, application: string): string | undefined {
  const { schema } = field;
  if (text === '')
    return field.isRequired && !field.isGenerated && schema.default === undefined ? words('wizard.parameter.required') : undefined;
  if (field.kind === 'number') {
    if (!/^-?\d{1,15}$/.test(text)) return words('wizard.parameter.number');
    const value = Number(text);
    const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
    if (value < minimum || value > maximum) return words('wizard.parameter.range', { from: String(minimum), to: String(maximum) });
    return undefined;
  }
  const length = [...text].length;
  if (schema.minLength !== undefined && length < schema.minLength) return words('wizard.parameter.short', { count: schema.minLength });
  if (schema.maxLength !== undefined && length > schema.maxLength) return words('wizard.parameter.long', { count: schema.maxLength });
  if (schema.pattern !== undefined && !matches(schema.pattern, text)) return words('wizard.parameter.pattern', { application });
  return undefined;
}

/** The typed values as the core takes them; what was left empty is left out, so that defaults and generated secrets come in. */
export function valuesOf(
  fields: readonly ParameterField[],
  typed: Readonly<Record<string, string>>,
): Record<string, string | number | boolean> {
  const values: Record<string, string | number | boolean> = {};
  for (const { id, schema } of fields) {
    const text = typed[id];
    if (text === undefined || text === '') continue;
    values[id] = schema.type === 'boolean' ? text === 'true' : schema.type === 'integer' ? Number(text) : text;
  }
  return values;
}
