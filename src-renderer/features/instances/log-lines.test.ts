import { expect, test } from 'vitest';
import { emptyLog, isOf, logText, mostLines, withLines } from './log-lines.ts';

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
  expect(logText([line('a'), line('b')], ({ text }) => text)).toBe('1970-01-01T00:00:00.000Z out a\n1970-01-01T00:00:00.000Z out b\n'));

test('a line that comes late stands where it was written', () => {
  const at = (text: string, atMs: number) => ({ ...line(text), atMs });
  const held = withLines(emptyLog, [at('a', 10), at('b', 20), at('c', 30)]);
  const late = withLines(held, [at('between', 20), at('back in time', 15), at('end', 40)]);
  expect(late.lines.map(({ text }) => text)).toEqual(['a', 'b', 'between', 'back in time', 'c', 'end']);
  expect(new Set(late.lines.map(({ id }) => id)).size).toBe(6);
  expect(withLines(late, []).lines).toEqual(late.lines);
});

test('lines are chosen by who wrote them', () => {
  const streams = (['out', 'error', 'agent', 'farm'] as const).map((stream) => ({ ...line(stream), stream }));
  const of = (source: Parameters<typeof isOf>[0]) => streams.filter((one) => isOf(source, one)).map(({ stream }) => stream);
  expect([of('all').length, of('application'), of('agent'), of('farm')]).toEqual([4, ['out', 'error'], ['agent'], ['farm']]);
});
