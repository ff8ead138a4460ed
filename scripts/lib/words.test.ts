import { expect, it } from 'vitest';
import { table } from './words.mjs';

const argumentsOf = (sentence: string): string[] => (sentence.match(/\{\w+\}/gu) ?? []).sort();

it('says the same things in both languages', () => {
  expect(Object.keys(table.ru)).toEqual(Object.keys(table.en));
  const english = Object.values(table.en).map((sentence) => [...new Set(argumentsOf(sentence))]);
  expect(Object.values(table.ru).map((sentence) => [...new Set(argumentsOf(sentence))])).toEqual(english);
});
