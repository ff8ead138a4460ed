import { expect, test } from 'vitest';
import type { EdgeListener, EdgeStatus } from '#contract/agent/edge.ts';
import { type EdgeLook, type Misses, missesAfter, noMisses, verdictOf } from './edge-health.ts';

const listening: EdgeListener = { address: '0.0.0.0', port: 443, isListening: true, problem: '' };
const statusWith = (https: EdgeListener | undefined): EdgeStatus => ({
  ...{ processId: 7, startedAtMs: 1, version: '1', bundleSha256: '', httpsPort: 443, httpPort: 80 },
  ...{ routeCount: 0, certificateCount: 0, openConnections: 0, requestCount: 0 },
  ...(https === undefined ? {} : { listeners: { https, http: listening } }),
});
const well = statusWith(listening);
const missing = (problem: string): EdgeStatus => statusWith({ ...listening, isListening: false, problem });

const repeated = (look: EdgeLook, times: number): { readonly misses: Misses; readonly verdict: ReturnType<typeof verdictOf> } => {
  let misses = noMisses;
  for (let time = 0; time < times; time += 1) misses = missesAfter(misses, look);
  return { misses, verdict: verdictOf(look, misses) };
};

test.each<[string, EdgeLook, number, ReturnType<typeof verdictOf>]>([
  ['both sides answer', { pipe: well, tls: 'answers' }, 1, { state: 'serving', cause: '' }],
  [
    'an edge of earlier days says nothing of its sockets',
    { pipe: statusWith(undefined), tls: 'answers' },
    1,
    { state: 'serving', cause: '' },
  ],
  ['its port is taken, at the first look', { pipe: missing('EADDRINUSE'), tls: 'stranger' }, 1, { state: 'port-taken', cause: '' }],
  ['whoever answers there, its port is taken', { pipe: missing('EADDRINUSE'), tls: 'answers' }, 1, { state: 'port-taken', cause: '' }],
  ['the system refuses the port', { pipe: missing('EACCES'), tls: 'ECONNREFUSED' }, 1, { state: 'not-listening', cause: 'EACCES' }],
  ['one slow handshake', { pipe: well, tls: 'timeout' }, 2, undefined],
  ['three of them', { pipe: well, tls: 'timeout' }, 3, { state: 'silent', cause: 'timeout' }],
  ['a slow pipe does not keep visitors away', { pipe: 'timeout', tls: 'answers' }, 2, { state: 'serving', cause: '' }],
  ['a pipe that stays slow takes no changes', { pipe: 'timeout', tls: 'answers' }, 3, { state: 'deaf', cause: 'timeout' }],
  ['workers that miss their main process too', { pipe: 'timeout', tls: 'main-silent' }, 3, { state: 'deaf', cause: 'timeout' }],
  ['and an answer of it after all', { pipe: well, tls: 'main-silent' }, 3, { state: 'serving', cause: '' }],
  ['silence on both sides, twice', { pipe: 'timeout', tls: 'timeout' }, 2, undefined],
  ['three times', { pipe: 'timeout', tls: 'timeout' }, 3, { state: 'silent', cause: 'timeout' }],
])('%s', (_, look, times, verdict) => {
  expect(repeated(look, times).verdict).toEqual(verdict);
});

test('misses in a row count: an answer between them begins anew', () => {
  const silent: EdgeLook = { pipe: 'timeout', tls: 'timeout' };
  const { misses } = repeated(silent, 2);
  const after = missesAfter(misses, { pipe: 'timeout', tls: 'answers' });
  expect(after).toEqual({ pipe: 3, tls: 0, both: 0, main: 0 });
  expect(missesAfter(after, silent)).toEqual({ pipe: 4, tls: 1, both: 1, main: 0 });
  expect(repeated({ pipe: 'timeout', tls: 'main-silent' }, 2).misses).toEqual({ pipe: 2, tls: 0, both: 0, main: 2 });
});
