import { expect, test } from 'vitest';
import { createFormat } from './format.ts';
import { sizeText } from './size.ts';

test.each([
  [512 * 2 ** 20, '512 MB'],
  [2 ** 30, '1 GB'],
  [1.5 * 2 ** 30, '1.5 GB'],
  [5 * 2 ** 30, '5 GB'],
  [32 * 2 ** 30, '32 GB'],
  [0, '0 B'],
])('%d bytes', (bytes, text) => expect(sizeText(createFormat('en', 'UTC'), bytes).replaceAll(/\s/gu, ' ')).toBe(text));
