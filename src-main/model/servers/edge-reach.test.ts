import { describe, expect, test } from 'vitest';
import type { EdgeHealth } from '#contract/agent/edge.ts';
import { edgeFaultOf, reachOf, type Sight, sightLastsMs } from './edge-reach.ts';

const nowMs = 1_000_000;
const redirect = { isListening: true, port: 80, owner: '', cause: '' };
const health = (state: EdgeHealth['state'], more: Partial<EdgeHealth> = {}): EdgeHealth => ({
  ...{ state, port: 443, owner: '', cause: '', sinceMs: 7, redirect },
  ...more,
});
const sight = (state: Sight['state'], more: Partial<Sight> = {}): Sight => ({
  ...{ state, cause: 'ECONNREFUSED', address: 'anna.farm.test', atMs: nowMs - 1000, misses: state === 'not-reached' ? 2 : 0 },
  ...more,
});

describe('do visitors reach a server', () => {
  test.each([
    ['nothing is known', undefined, undefined, 'unknown'],
    ['its agent says that it serves, nobody looked from outside', health('serving'), undefined, 'unknown'],
    ['seen from outside', undefined, sight('reached'), 'reached'],
    ['seen, and its agent says so too', health('serving'), sight('reached'), 'reached'],
    ['its port is taken', health('port-taken'), sight('reached'), 'not-reached'],
    ['it is silent', health('silent'), undefined, 'not-reached'],
    ['not seen from outside, although its agent says that it serves', health('serving'), sight('not-reached'), 'not-reached'],
    ['missed once', health('serving'), sight('not-reached', { misses: 1 }), 'unknown'],
    ['the name was in the way', health('serving'), sight('unclear'), 'unknown'],
    ['what was seen is too old', undefined, sight('reached', { atMs: nowMs - sightLastsMs - 1 }), 'unknown'],
    ['so is what was missed', undefined, sight('not-reached', { atMs: nowMs - sightLastsMs - 1 }), 'unknown'],
    ['it is just starting', health('starting'), undefined, 'unknown'],
  ] as const)('%s', (_, said, seen, reach) => {
    expect(reachOf({ health: said, sight: seen, nowMs })).toBe(reach);
  });
});

describe('what is wrong with its edge', () => {
  test.each([
    ['nothing', health('serving'), sight('reached'), undefined],
    ['nothing is known', undefined, undefined, undefined],
    ['its port is taken', health('port-taken', { owner: 'nginx' }), undefined, ['bad', 'edge', 'portTaken', 'nginx']],
    ['nobody knows by whom', health('port-taken'), undefined, ['bad', 'edge', 'portTaken', 'unknown']],
    ['the system refuses it', health('not-listening', { cause: 'EACCES' }), undefined, ['bad', 'edge', 'notListening', 'unknown']],
    ['it does not start', health('failed'), undefined, ['bad', 'edge', 'failed', 'unknown']],
    ['something is in the way', health('serving'), sight('not-reached'), ['bad', 'edge', 'outside', 'unknown']],
    ['an agent of earlier days says nothing', undefined, sight('not-reached'), ['bad', 'edge', 'outside', 'unknown']],
    ['it takes no changes', health('deaf'), sight('reached'), ['warning', 'edge', 'deaf', 'unknown']],
    [
      'the redirect is missing',
      health('serving', { redirect: { isListening: false, port: 80, owner: 'nginx', cause: 'EADDRINUSE' } }),
      sight('reached'),
      ['warning', 'redirect', 'redirect', 'nginx'],
    ],
  ] as const)('%s', (_, said, seen, wanted) => {
    const fault = edgeFaultOf({ health: said, sight: seen, nowMs });
    expect(fault && [fault.mark, fault.code, fault.parameters['problem'], fault.parameters['owner']]).toEqual(wanted);
  });
});
