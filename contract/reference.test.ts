import { expect, test } from 'vitest';
import { referenceMeant } from './reference.ts';

test.each([
  ['4F7K-2MQX', '4F7K-2MQX'],
  [' 4f7k 2mqx ', '4F7K-2MQX'],
  ['4f7k2mqx', '4F7K-2MQX'],
  ['oil0-2mqx', '0110-2MQX'],
  ['4F7K\u20112MQX', '4F7K-2MQX'],
  ['f-2c9q41', 'F-2C9Q41'],
  ['F2C9Q41', 'F-2C9Q41'],
  ['1F0C2A9B7E', '1f0c2a9b7e'],
])('%j is read as %s', (text, meant) => expect(referenceMeant(text)).toBe(meant));

test.each([
  ...['', '-', '4F7K', '4F7K-2MQU', 'F-2C9Q4', '4F7K-2MQX1', '1f0c2a9b7g'],
  ...['../../etc/passwd', '..%2f..%2f', '4F7K\n2MQX', '4F7K-2MQX\u0000', '\u202e4F7K-2MQX', '４F7K-2MQX', '.*', '["4F7K-2MQX"]'],
  `4F7K-2MQX${' '.repeat(40)}`,
  'A'.repeat(100_000),
])('%j is none', (text) => expect(referenceMeant(text)).toBeUndefined());
