import { describe, expect, test } from 'vitest';
import { conditionOf, type ServerSigns } from './condition.ts';

const connected: ServerSigns = {
  link: { state: 'connected', sinceMs: 1000, clockOffsetMs: 5 },
  seenAtMs: 99_000,
  isDraining: false,
  membership: 'in',
  diskFraction: 0.4,
  edge: { health: undefined, sight: undefined },
  home: undefined,
  joinedAtMs: 0,
  nowMs: 100_000,
};
const lost = (failure: { code: string; parameters: Record<string, string> } | undefined): ServerSigns => ({
  ...connected,
  link: failure === undefined ? { state: 'connecting', sinceMs: 90_000 } : { state: 'waiting', sinceMs: 90_000, failure },
});
const unreachable = (cause: string) => ({ code: 'SERVER_UNREACHABLE', parameters: { cause, server: 'Oak', address: 'x' } });

describe('the state of a server', () => {
  test.each([
    ['connected', connected, 'good', 'ready'],
    ['its clock is three minutes ahead', { ...connected, link: { ...connected.link, clockOffsetMs: 180_000 } }, 'warning', 'clock'],
    ['its disk is 93 % full', { ...connected, diskFraction: 0.93 }, 'warning', 'disk'],
    ['it is leaving, whatever else there is', { ...lost(unreachable('identity')), membership: 'leaving' }, 'working', 'leaving'],
    ['it leaves without its agent', { ...connected, membership: 'given-up', isDraining: true }, 'working', 'leaving'],
    ['it is joining', { ...connected, membership: 'joining' }, 'working', 'joining'],
    ['the agent there has left', lost(unreachable('left')), 'bad', 'identity'],
    ['it is being emptied', { ...connected, isDraining: true }, 'paused', 'draining'],
    ['it joined just now', { ...lost(undefined), joinedAtMs: 95_000 }, 'working', 'joining'],
    ['nobody answered yet', lost(undefined), 'unknown', 'not-seen'],
    ['its port is closed', lost(unreachable('refused')), 'bad', 'agent'],
    ['nothing answers', lost(unreachable('timeout')), 'bad', 'agent-or-network'],
    ['its system takes the connection and nobody speaks', lost(unreachable('silent')), 'bad', 'agent-hangs'],
    ['a clock was set back since it joined', { ...lost(undefined), joinedAtMs: 160_000 }, 'unknown', 'not-seen'],
    ['its name is unknown', lost(unreachable('name')), 'bad', 'network'],
    ['another key answers', lost(unreachable('identity')), 'bad', 'identity'],
    ['the link was closed', lost(unreachable('closed')), 'unknown', 'not-seen'],
    ['the farm lives elsewhere', lost({ code: 'CORE_EPOCH_OLD', parameters: {} }), 'bad', 'left'],
  ] as const)('%s', (_, signs, mark, code) => {
    expect(conditionOf(signs as ServerSigns)).toMatchObject({ mark, code });
  });

  const redirect = { isListening: true, port: 80, owner: '', cause: '' };
  const taken = { ...{ state: 'port-taken' as const, port: 443, owner: 'nginx', cause: '', sinceMs: 95_005 }, redirect };
  const sight = (state: 'reached' | 'not-reached') => ({ state, cause: 'timeout', address: 'anna.farm.test', atMs: 99_000, misses: 2 });

  test('a dark edge comes before everything else, since when by our clock', () => {
    const dark = { ...connected, edge: { health: taken, sight: undefined }, isDraining: true, diskFraction: 0.95 };
    expect(conditionOf(dark)).toEqual({
      mark: 'bad',
      code: 'edge',
      parameters: { problem: 'portTaken', port: 443, owner: 'nginx', cause: '', address: '' },
      sinceMs: 95_000,
    });
  });

  test.each([
    ['reached', sight('reached'), 'reached'],
    ['dark', sight('not-reached'), 'dark'],
    ['not looked at', undefined, 'unknown'],
  ])('a silent agent tells nothing of its edge: what was seen from outside does: %s', (_, seen, edge) => {
    const silent = { ...lost(unreachable('refused')), edge: { health: { ...taken, state: 'serving' as const }, sight: seen } };
    expect(conditionOf(silent)).toMatchObject({ code: 'agent', parameters: { edge } });
  });

  test('a full disk of its agent’s home is bad, with the home, whatever its capacity is said to be', () => {
    const home = { path: '/srv/farm', freeBytes: 3 * 2 ** 20, sizeBytes: 100 * 2 ** 30, isFull: true, sinceMs: 90_005 };
    expect(conditionOf({ ...connected, home, diskFraction: 0.95, isDraining: true })).toEqual({
      mark: 'bad',
      code: 'disk',
      parameters: { percent: 100, isFull: 'yes', path: '/srv/farm', freeMegabytes: 3 },
      sinceMs: 90_000,
    });
    expect(conditionOf({ ...connected, home: { ...home, isFull: false } }).code).toBe('ready');
  });
});
