import { expect, test } from 'vitest';
import { emptyLog, logText, mostLines, withLines } from './log-lines.ts';

const line = (text: string) => ({ atMs: 0, stream: 'out' as const, text });

test('lines keep their numbers while old ones go', () => {
  const full = withLines(
    emptyLog,
    Array.from({ length: mostLines }, (_, index) => line(String(index))),
  );
  const next = withLines(full, [line('new')]);
  expect(next.lines).toHaveLength(mostLines);
  expect(next.lines[0]).toMatchObject({ id: '1', text: '1' });
  expect(next.lines.at(-1)).toMatchObject({ id: String(mostLines), text: 'new' });
});

test('a flood of lines in one event keeps the newest', () => {
  const flood = withLines(
    emptyLog,
    Array.from({ length: mostLines + 5 }, (_, index) => line(String(index))),
  );
  expect(flood.lines.at(-1)?.text).toBe(String(mostLines + 4));
  expect(flood.lines[0]?.id).toBe('5');
});

test('the file has one line a line', () =>
  expect(logText([line('a'), line('b')])).toBe('1970-01-01T00:00:00.000Z out a\n1970-01-01T00:00:00.000Z out b\n'));
