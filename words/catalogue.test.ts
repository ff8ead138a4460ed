import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, test } from 'vitest';
import { en } from './en/index.ts';
import { ru } from './ru/index.ts';
import { createTranslate, hasWords } from './translate.ts';

/** The names of a message's arguments, with their kinds, in a stable order. */
function argumentsOf(text: string, language: string): string[] {
  const found = new Set<string>();
  const walk = (elements: readonly unknown[]): void => {
    for (const element of elements as { type: number; value?: string; options?: Record<string, { value: unknown[] }> }[]) {
      if (element.type !== 0 && element.type !== 7 && element.value !== undefined)
        found.add(`${element.value}:${element.type === 6 || element.type === 2 ? 'number' : 'any'}`);
      for (const option of Object.values(element.options ?? {})) walk(option.value);
    }
  };
  walk(new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).getAst());
  return [...found].map((name) => name.split(':')[0] ?? '').sort();
}

describe('the catalogues', () => {
  test.each(Object.keys(en))('%s parses in both languages and takes the same arguments', (key) => {
    if (!hasWords(key)) throw new Error(`${key} is no key`);
    expect([...new Set(argumentsOf(ru[key], 'ru'))]).toEqual([...new Set(argumentsOf(en[key], 'en'))]);
  });

  test('an act that has no word of its own in a refusal is not called a removal', () => {
    const said = (wanted: string) =>
      (['en', 'ru'] as const).map((one) =>
        createTranslate(one, 'UTC').say('error.INSTANCE_STATE', { name: 'anna', state: 'stopped', wanted }),
      );
    for (const sentence of said('remove')) expect(sentence).toMatch(/removed|удалить/);
    for (const sentence of said('renew-certificate')) expect(sentence).not.toMatch(/removed|удалить/);
  });

  test('Russian counts one, few and many', () => {
    const t = createTranslate('ru', 'Europe/Moscow');
    expect(t.say('error.NO_SERVER_FITS', { plan: 'S', servers: 21 })).toContain('21 сервера');
    expect(t.say('error.NO_SERVER_FITS', { plan: 'S', servers: 5 })).toContain('5 серверов');
  });
});
