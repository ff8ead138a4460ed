import { expect, test } from 'vitest';
import type { Clock } from '../ports/clock.ts';
import type { NameEvidence } from '../ports/probe.ts';
import { type AnswersWanted, untilAnswersAreRight } from './name-answers.ts';

/** Nobody waits: time jumps to whatever is due. */
function jumpingClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    after: (delayMs, call) => {
      nowMs += delayMs;
      queueMicrotask(call);
      return () => undefined;
    },
  };
}

const evidence = (outcome: string, ...addresses: string[]): NameEvidence => ({ server: 'ns', addresses, outcome, durationMs: 1 });
const wantedWith = (answers: (round: number) => readonly NameEvidence[], clock = jumpingClock()) => {
  const behind: string[] = [];
  let rounds = 0;
  const wanted: AnswersWanted = {
    clock,
    signal: new AbortController().signal,
    name: 'anna.farm.example',
    domain: 'farm.example',
    expected: '192.0.2.1',
    ask: async () => {
      rounds += 1;
      return answers(rounds);
    },
    isRight: ({ addresses }) => addresses.join() === '192.0.2.1',
    serverAt: (index) => `ns${index + 1}.farm.example`,
    onBehind: (server) => behind.push(server),
  };
  return { wanted, behind, clock };
};
const right = evidence('NOERROR', '192.0.2.1');

test('the one that is behind is named while it is waited for', async () => {
  const { wanted, behind } = wantedWith((round) => [right, round < 3 ? evidence('NXDOMAIN') : right]);
  await untilAnswersAreRight(wanted);
  expect(behind).toEqual(['ns2.farm.example', 'ns2.farm.example']);
});

test.each([
  [
    'says nothing',
    evidence('slow'),
    'DNS_SLOW',
    { domain: 'farm.example', name: 'anna.farm.example', server: 'ns2.farm.example', seconds: 90 },
  ],
  ['is not there', evidence('ECONNREFUSED'), 'DNS_REFUSED', { server: 'ns2.farm.example', reason: 'ECONNREFUSED' }],
  ['does not know it', evidence('NXDOMAIN'), 'OUTSIDE_NAME', { address: 'anna.farm.example', found: 'NXDOMAIN', expected: '192.0.2.1' }],
  ['says something else', evidence('NOERROR', '192.0.2.9'), 'OUTSIDE_NAME', { found: '192.0.2.9' }],
] as const)('one that %s for too long is the cause, before the step gives up', async (_, answer, code, parameters) => {
  const { wanted, clock } = wantedWith(() => [right, answer]);
  await expect(untilAnswersAreRight(wanted)).rejects.toMatchObject({ code, parameters });
  expect(clock.nowMs()).toBeGreaterThan(80_000);
  expect(clock.nowMs()).toBeLessThanOrEqual(90_000);
});

test('a person ends it at once', async () => {
  const person = new AbortController();
  const { wanted } = wantedWith(() => [evidence('slow')]);
  const onBehind = (): void => person.abort(new Error('enough'));
  await expect(untilAnswersAreRight({ ...wanted, signal: person.signal, onBehind })).rejects.toThrow('enough');
});
