import { describe, expect, test } from 'vitest';
import { conditionOf, type ServerSigns } from './condition.ts';

const connected: ServerSigns = {
  link: { state: 'connected', sinceMs: 1000, clockOffsetMs: 5 },
  seenAtMs: 99_000,
  isDraining: false,
  diskFraction: 0.4,
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
});
