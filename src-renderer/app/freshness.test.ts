import { describe, expect, test } from 'vitest';
import { freshnessOf } from './freshness.ts';

const at = (name: string, seenAtMs?: number, code: 'ready' | 'agent' = 'ready') => ({
  name,
  condition: { code },
  ...(seenAtMs !== undefined && { seenAtMs }),
});
const base = { atMs: 1, isOld: false, nowMs: 100_000 };

describe('how old what is shown is', () => {
  test('nothing yet, lost, no server', () => {
    expect(freshnessOf({ ...base, servers: [], atMs: undefined })).toEqual({ kind: 'waiting' });
    expect(freshnessOf({ ...base, servers: [at('Oak', 99_000)], isOld: true })).toEqual({ kind: 'lost', atMs: 1 });
    expect(freshnessOf({ ...base, servers: [] })).toEqual({ kind: 'empty' });
  });

  test('all answered: the oldest decides, in steps of five seconds', () => {
    expect(freshnessOf({ ...base, servers: [at('Oak', 99_900), at('Elm', 99_000)] })).toEqual({ kind: 'all', count: 2, seconds: 5 });
    expect(freshnessOf({ ...base, servers: [at('Oak', 92_000)] })).toEqual({ kind: 'all', count: 1, seconds: 10 });
  });

  test('a clock that runs behind is no negative age', () => {
    expect(freshnessOf({ ...base, servers: [at('Oak', 180_000)] })).toEqual({ kind: 'all', count: 1, seconds: 5 });
  });

  test('silent servers are named, those never seen too', () => {
    expect(freshnessOf({ ...base, servers: [at('Oak', 99_000), at('Elm', 60_000), at('Fir')] })).toEqual({
      kind: 'some',
      count: 3,
      silent: ['Elm', 'Fir'],
    });
  });

  test('a server that is known to be silent is named at once', () => {
    expect(freshnessOf({ ...base, servers: [at('Oak', 99_000), at('Elm', 95_000, 'agent')] })).toEqual({
      kind: 'some',
      count: 2,
      silent: ['Elm'],
    });
  });
});
