import { describe, expect, test } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { fieldsOf, problemOf, valuesOf } from './parameter-form.ts';
import { checkDraft, emptyDraft, isTouched } from './wizard-draft.ts';

const words = createTranslate('en', 'UTC');
const parameters = {
  type: 'object' as const,
  required: ['title', 'password'],
  properties: {
    title: { type: 'string' as const, title: { en: 'Title', ru: 'Название' }, minLength: 2, maxLength: 5, pattern: '[a-z]+' },
    password: { type: 'string' as const, title: { en: 'First password' }, 'x-generate': 'password' as const, 'x-secret': true },
    pages: { type: 'integer' as const, title: { en: 'Pages' }, minimum: 1, maximum: 9, default: 3 },
    isPublic: { type: 'boolean' as const, title: { en: 'Public' } },
    look: { type: 'string' as const, title: { en: 'Look' }, enum: ['snow', 'night'] },
    broken: { type: 'string' as const, title: { en: 'Broken' }, pattern: '(' },
  },
};
const fields = fieldsOf(parameters, 'ru');
const field = (id: string) => {
  const found = fields.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no field ${id}`);
  return found;
};

describe('the form that a manifest draws', () => {
  test('kinds, titles in the language where there is one, defaults', () => {
    expect(fields.map(({ kind }) => kind)).toEqual(['text', 'secret', 'number', 'switch', 'choice', 'text']);
    expect(field('title').title).toBe('Название');
    expect(field('pages').initial).toBe('3');
  });

  test.each([
    ['title', '', 'This one is needed.'],
    ['title', 'a', 'At least 2 characters.'],
    ['title', 'abcdef', 'At most 5 characters.'],
    ['title', 'AB', 'This does not have the form that TiddlyWiki expects.'],
    ['title', 'ab', undefined],
    // A generated secret may stay empty although it is required.
    ['password', '', undefined],
    ['pages', 'many', 'A whole number.'],
    ['pages', '12', 'From 1 to 9.'],
    ['pages', '', undefined],
    ['broken', 'x', undefined],
  ])('%s = %j', (id, text, problem) => expect(problemOf(words, field(id), text, 'TiddlyWiki')).toBe(problem));

  test('values have their types, empty ones are left out', () => {
    expect(valuesOf(fields, { title: 'ab', password: '', pages: '4', isPublic: 'true', look: 'snow', gone: 'x' })).toEqual({
      title: 'ab',
      pages: 4,
      isPublic: true,
      look: 'snow',
    });
  });
});

describe('the kept draft', () => {
  test.each([[undefined], [null], ['text'], [{ name: 7, language: 'de', packageId: 'UPPER', parameters: 'x' }]])('%j is no draft', (kept) =>
    expect(checkDraft(kept)).toEqual(emptyDraft),
  );
  test('what fits stays', () => {
    const draft = checkDraft({ name: 'анна', serverId: 'not-an-id' });
    expect(draft).toMatchObject({ name: 'анна', serverId: undefined });
    expect(isTouched(draft)).toBe(true);
    expect(isTouched(emptyDraft)).toBe(false);
  });
});
