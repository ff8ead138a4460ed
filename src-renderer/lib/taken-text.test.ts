import { expect, test } from 'vitest';
import { sayCreateChanges } from '#words/say-create-changes.ts';
import { createTranslate } from '#words/translate.ts';
import { createFormat } from './format/format.ts';
import { takenText } from './taken-text.ts';

const atMs = Date.UTC(2026, 10, 25, 12, 20);
const changesIn = (language: 'en' | 'ru') =>
  sayCreateChanges(createTranslate(language, 'Europe/Riga'), {
    host: 'anna.farm.example',
    domain: 'farm.example',
    server: 'Larch',
    size: { memory: '512 MB', disk: '5 GB' },
    isPackageSent: true,
    certificate: { days: 60 },
    newCustomer: 'Anna',
  });
const textIn = (language: 'en' | 'ru', title: string, heading: string, farm: string | undefined) =>
  takenText(
    createTranslate(language, 'Europe/Riga'),
    createFormat(language, 'Europe/Riga'),
    { title, heading, about: ['anna.farm.example'], changes: changesIn(language), more: [{ title: 'Why Larch', says: 'Because.' }] },
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
  anna.farm.example leads to Larch.

No new certificate
  *.farm.example covers it, 60 more days.

On Larch
  512 MB memory and 5 GB disk are reserved. One folder, one process, one local port. The package is brought there first.

At the edge
  A route from anna.farm.example to the new process.

A new customer
  Anna is kept with the language of the letter.

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

test('what is not known yet is not said', () => {
  const words = createTranslate('en', 'UTC');
  const nothing = { server: undefined, size: undefined, isPackageSent: false, newCustomer: undefined };
  const open = sayCreateChanges(words, { host: 'name', domain: undefined, certificate: undefined, ...nothing });
  expect(open.map(({ id }) => id)).toEqual(['server', 'edge', 'untouched']);
  const missing = sayCreateChanges(words, { host: 'name', domain: 'farm.example', certificate: 'missing', ...nothing });
  expect(missing[0]?.says).toBe('The certificate of farm.example is missing. The job will stop there.');
});
