import { expect, test } from 'vitest';
import { Traffic } from './traffic.ts';

test('counts what waits for an answer and what is being answered, and remembers the last write', () => {
  let nowMs = 100;
  const traffic = new Traffic(() => nowMs);
  expect(traffic.count('anna')).toEqual({ unanswered: 0, answering: 0, writing: 0 });
  const read = traffic.begin('anna', false);
  const write = traffic.begin('anna', true);
  traffic.begin('berta', false);
  expect(traffic.count('anna')).toEqual({ unanswered: 2, answering: 0, writing: 1 });
  read.answered();
  read.answered();
  expect(traffic.count('anna')).toEqual({ unanswered: 1, answering: 1, writing: 1 });
  read.ended();
  read.ended();
  read.answered();
  expect(traffic.count('anna')).toEqual({ unanswered: 1, answering: 0, writing: 1 });
  write.answered();
  expect(traffic.count('anna')).toEqual({ unanswered: 0, answering: 1, writing: 1, sinceWriteMs: 0 });
  write.ended();
  write.ended();
  nowMs = 150;
  expect(traffic.count('anna')).toEqual({ unanswered: 0, answering: 0, writing: 0, sinceWriteMs: 50 });
  expect(traffic.count('berta')).toEqual({ unanswered: 1, answering: 0, writing: 0 });
});
