import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { watchLateErrors } from './late-errors.ts';

type Bug = { readonly error: unknown; readonly fields: Readonly<Record<string, unknown>> | undefined };

function watched(show: (reference: string) => void = () => undefined) {
  const source = new EventEmitter();
  const bugs: Bug[] = [];
  const bug = (error: unknown, fields?: Bug['fields']): string => `F-${bugs.push({ error, fields })}`;
  const time = { nowMs: 0 };
  const stop = watchLateErrors(source, { info: () => undefined, warn: () => undefined, bug }, () => time.nowMs, show);
  return { source, bugs, time, stop };
}

test('the twenty-first of a minute is counted, and told with the first of the next', () => {
  const { source, bugs, time } = watched();
  for (let n = 0; n < 50; n += 1) source.emit('unhandledRejection', new Error(`number ${n}`));
  expect(bugs).toHaveLength(20);
  time.nowMs = 60_000;
  source.emit('uncaughtException', new Error('later'));
  source.emit('uncaughtException', new Error('again'));
  expect(bugs.slice(20).map(({ fields }) => fields)).toEqual([{ where: 'uncaughtException', untold: 30 }, { where: 'uncaughtException' }]);
});

test('a closed terminal is no fault, and a listener that throws does not end the program', () => {
  const { source, bugs } = watched(() => {
    throw new Error('nobody to show it to');
  });
  source.emit('uncaughtException', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(bugs).toEqual([]);
  source.emit('unhandledRejection', 'no error at all');
  expect(bugs.map(({ error }) => String(error))).toEqual(['no error at all', 'Error: nobody to show it to']);
});

test('what was taken back hears nothing', () => {
  const { source, stop } = watched();
  stop();
  expect(source.listenerCount('unhandledRejection') + source.listenerCount('uncaughtException')).toBe(0);
});
