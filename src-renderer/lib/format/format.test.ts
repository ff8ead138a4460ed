import { describe, expect, test } from 'vitest';
import { createFormat } from './format.ts';

const en = createFormat('en', 'Europe/Berlin');
const ru = createFormat('ru', 'Asia/Vladivostok');
/** Hard and narrow spaces as plain ones, to be read. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');
const MB = 2 ** 20;
const GB = 2 ** 30;
const atMs = Date.UTC(2026, 10, 12, 23, 30, 5);

describe('sizes', () => {
  test.each([
    [0, '0 B', '0 Б'],
    [900, '900 B', '900 Б'],
    [512 * MB, '512 MB', '512 МБ'],
    [9_999 * MB, '9 999 MB', '9 999 МБ'],
    [10_000 * MB, '9.8 GB', '9,8 ГБ'],
    [21 * GB, '21 GB', '21 ГБ'],
    [480 * GB, '480 GB', '480 ГБ'],
  ])('%d bytes', (bytes, english, russian) => {
    expect(plain(en.bytes(bytes))).toBe(english);
    expect(plain(ru.bytes(bytes))).toBe(russian);
  });

  test('number and unit never part, and groups are thin', () => {
    expect(en.bytes(512 * MB)).toBe('512\u00a0MB');
    expect(en.number(10_000)).toBe('10\u202f000');
    expect(ru.percent(0.583)).toBe('58\u00a0%');
    expect(plain(en.bytesPerSecond(1.4 * MB))).toBe('1.4 MB/s');
  });

  test('a missing value is an en dash, zero is 0', () => {
    for (const format of [en.number, en.percent, en.bytes, en.answer, en.duration, en.cores]) expect(format(undefined)).toBe('–');
    expect(en.number(0)).toBe('0');
  });
});

describe('times', () => {
  test('answers in milliseconds below a second, durations with one decimal', () => {
    expect(plain(en.answer(86.4))).toBe('86 ms');
    expect(plain(en.answer(1_420))).toBe('1.4 s');
    expect(plain(ru.answer(86))).toBe('86 мс');
    expect(plain(en.duration(130_000))).toBe('2 min 10 s');
  });

  test('days and clocks are those of the farm, not of this computer', () => {
    expect(en.day(atMs)).toBe('Friday, 13 November');
    expect(en.time(atMs)).toBe('00:30');
    expect(ru.day(atMs)).toBe('Пятница, 13 ноября');
    expect(ru.timeWithSeconds(atMs)).toBe('09:30:05');
    expect(en.dateTime(atMs)).toBe('13 November 2026, 00:30');
  });
});
