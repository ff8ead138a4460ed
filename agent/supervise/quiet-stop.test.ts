import { expect, test, vi } from 'vitest';
import type { AgentClock, InstanceLogs, Visitors } from '../ports.ts';
import { becomeQuiet, KeptVisitors } from './quiet-stop.ts';

const nobody = { isHeld: true, isComplete: true, waiting: 0, unanswered: 0, answering: 0 };
const clock: AgentClock = {
  nowMs: Date.now,
  steadyMs: () => performance.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  },
};

function world(count: Awaited<ReturnType<Visitors['hold']>> = nobody) {
  const said: string[] = [];
  const notes: string[] = [];
  let settle = (): void => undefined;
  const visitors: Visitors = {
    hold: () => Promise.resolve(said.push('hold')).then(() => count),
    settled: () => new Promise((resolve) => (settle = resolve)),
    release: () => Promise.resolve(void said.push('release')),
  };
  const logs = { note: (_id: string, text: string) => void notes.push(text) } as unknown as InstanceLogs;
  return { said, notes, settle: () => settle(), options: { instanceId: 'anna', visitors, clock, logs } };
}

test('visitors are kept for as long as any act wants it, and go on only when the edge shows what became of the instance', async () => {
  vi.useFakeTimers();
  try {
    const { said, settle, options } = world();
    const kept = new KeptVisitors(options);
    const first = kept.keep('anna.example');
    const second = kept.keep('anna.example');
    await vi.advanceTimersByTimeAsync(2500);
    expect(said).toEqual(['hold', 'hold']);
    first();
    first();
    settle();
    await vi.advanceTimersByTimeAsync(1000);
    expect(said).toEqual(['hold', 'hold', 'hold']);
    second();
    await vi.advanceTimersByTimeAsync(1000);
    // Not yet told: they still wait.
    expect(said).toEqual(['hold', 'hold', 'hold', 'hold']);
    settle();
    await vi.advanceTimersByTimeAsync(5000);
    expect(said).toEqual(['hold', 'hold', 'hold', 'hold', 'release']);
  } finally {
    vi.useRealTimers();
  }
});

const ending = { folder: '/nowhere/at/all', isHung: false, isOver: () => false };

test('where visitors can be held they are not turned away; nothing is noted of one that becomes quiet', async () => {
  const { notes, options } = world();
  let turned = 0;
  const quiet = await becomeQuiet(options, { ...ending, turnAway: () => turned++ });
  expect(quiet).toMatchObject({ state: 'still', isHeld: true });
  expect([turned, notes]).toEqual([0, []]);
});

test('where they cannot be held they see at once what comes, and a while is waited for what nobody tells', async () => {
  const { options } = world();
  let turned = 0;
  const visitors = { ...options.visitors, hold: () => Promise.resolve(undefined) };
  const quiet = await becomeQuiet({ ...options, visitors }, { ...ending, turnAway: () => turned++ });
  expect(turned).toBe(1);
  expect(quiet).toMatchObject({ state: 'still', isHeld: false, folder: 'still' });
  expect(quiet.inFlight).toBeUndefined();
  expect(quiet.waitedMs).toBeGreaterThanOrEqual(1500);
});

test('one that hangs is not asked for its visitors, and that is noted', async () => {
  const { said, notes, options } = world();
  let turned = 0;
  const quiet = await becomeQuiet(options, { ...ending, isHung: true, turnAway: () => turned++ });
  expect(quiet).toMatchObject({ state: 'gave-up', isHeld: false });
  expect(quiet.waitedMs).toBeLessThan(2000);
  expect([turned, said, notes]).toEqual([1, [], ['not-quiet hangs=yes seconds=0 requests=0 streams=0 folder=still']]);
});
