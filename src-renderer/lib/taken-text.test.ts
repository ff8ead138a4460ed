import { expect, test } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { createFormat } from './format/format.ts';
import { takenText } from './taken-text.ts';

const atMs = Date.UTC(2026, 10, 25, 12, 20);
const changes = [
  { title: 'A DNS record', says: 'anna.farm.example leads to 203.0.113.11.' },
  { title: 'Nothing else', says: 'Other instances and their addresses are not touched.' },
];
const textIn = (language: 'en' | 'ru', title: string, heading: string, farm: string | undefined) =>
  takenText(
    createTranslate(language, 'Europe/Riga'),
    createFormat(language, 'Europe/Riga'),
    { title, heading, about: ['anna.farm.example'], changes, more: [{ title: 'Why Larch', says: 'Because.' }] },
    farm,
    atMs,
  );

test('what will change can be read without the program', () =>
  expect(textIn('en', 'New instance', 'What will change', 'Orchard')).toBe(`New instance
anna.farm.example
Farm: Orchard
As of 25 November 2026, 14:20 (Europe/Riga). Nothing of it is done yet.

What will change

A DNS record
  anna.farm.example leads to 203.0.113.11.

Nothing else
  Other instances and their addresses are not touched.

Why Larch
  Because.
`));

test('it is in the language of the reader, without a farm before there is one, and nothing in it steers a terminal', () => {
  const text = textIn('ru', 'Новый экземпляр', 'Что изменится\u202e', undefined);
  expect(text).toContain('На 25 ноября 2026 г., 14:20 (Europe/Riga). Пока ничего из этого не сделано.');
  expect(text).not.toContain('Ферма');
  expect(text).not.toContain('\u202e');
});
