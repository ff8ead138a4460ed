import { expect, test } from 'vitest';
import { localizedText, nameIn } from './localized-text.ts';

test('a text is English where there is no other', () => {
  expect(localizedText({ en: 'Small', ru: 'Малый' }, 'ru')).toBe('Малый');
  expect(localizedText({ en: 'Small' }, 'ru')).toBe('Small');
});

test('a name is the reader’s, or what an older core says', () => {
  const plan = { name: 'Малый', names: { en: 'Small', ru: 'Малый' } };
  expect([nameIn('en', plan), nameIn('ru', plan)]).toEqual(['Small', 'Малый']);
  expect(nameIn('en', { name: 'Малый' })).toBe('Малый');
});
