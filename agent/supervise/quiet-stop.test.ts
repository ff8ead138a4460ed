import { expect, test, vi } from 'vitest';
import type { AgentClock, InstanceLogs, Visitors } from '../ports.ts';
import { becomeQuiet, KeptVisitors } from './quiet-stop.ts';

const nobody = { isHeld: true, isComplete: true, waiting: 0, unanswered: 0, answering: 0, writing: 0 };
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
    hold: (_id, what) => Promise.resolve(said.push(what)).then(() => count),
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
    await first.hold('all');
    said.length = 0;
    await vi.advanceTimersByTimeAsync(2500);
    expect(said).toEqual(['all', 'all']);
    first.release();
    first.release();
    settle();
    await vi.advanceTimersByTimeAsync(1000);
    expect(said).toEqual(['all', 'all', 'nothing']);
    second.release();
    await vi.advanceTimersByTimeAsync(1000);
    // Not yet told: they still wait.
    expect(said).toEqual(['all', 'all', 'nothing', 'nothing']);
    settle();
    await vi.advanceTimersByTimeAsync(5000);
    expect(said).toEqual(['all', 'all', 'nothing', 'nothing', 'release']);
  } finally {
    vi.useRealTimers();
  }
});

test('a second stop that begins to hold writes while the first still keeps all leaves all waiting, and its renewals too', async () => {
  vi.useFakeTimers();
  try {
    const { said, settle, options } = world();
    const kept = new KeptVisitors(options);
    const [first, second] = [kept.keep('anna.example'), kept.keep('anna.example')];
    await second.hold('writes');
    await first.hold('all');
    // Never narrower than it was.
    await first.hold('nothing');
    await second.hold('writes');
    await vi.advanceTimersByTimeAsync(1000);
    expect(said).toEqual(['writes', 'all', 'all', 'all', 'all']);
    first.release();
    settle();
    await vi.advanceTimersByTimeAsync(1000);
    expect(said.slice(5)).toEqual(['writes']);
    second.release();
    settle();
    await vi.advanceTimersByTimeAsync(3000);
    expect(said.slice(5)).toEqual(['writes', 'release']);
  } finally {
    vi.useRealTimers();
  }
});

test('who joins those who keep visitors keeps them for as long; there is nothing to join where nobody is kept', async () => {
  const { said, settle, options } = world();
  const kept = new KeptVisitors(options);
  kept.join('anna.example')();
  const first = kept.keep('anna.example');
  await first.hold('all');
  const letGo = kept.join('anna.example');
  first.release();
  settle();
  await new Promise((done) => setTimeout(done, 20));
  expect(said).toEqual(['all', 'all']);
  letGo();
  settle();
  await vi.waitFor(() => expect(said).toEqual(['all', 'all', 'release']));
});

const ending = { folder: '/nowhere/at/all', isHung: false, isOver: () => false };
const heldBy = ({ instanceId, visitors }: ReturnType<typeof world>['options']): Pick<Parameters<typeof becomeQuiet>[1], 'hold'> => ({
  hold: (what) => visitors.hold(instanceId, what),
});

test('where visitors can be held they are not turned away; nothing is noted of one that becomes quiet', async () => {
  const { said, notes, options } = world();
  let turned = 0;
  const quiet = await becomeQuiet(options, { ...ending, ...heldBy(options), turnAway: () => turned++ });
  expect(quiet).toMatchObject({ state: 'still', isHeld: true });
  expect(said.at(-1)).toBe('all');
  expect([turned, notes]).toEqual([0, []]);
});

test('where they cannot be held they see at once what comes, and a while is waited for what nobody tells', async () => {
  const { options } = world();
  let turned = 0;
  const quiet = await becomeQuiet(options, { ...ending, hold: () => Promise.resolve(undefined), turnAway: () => turned++ });
  expect(turned).toBe(1);
  expect(quiet).toMatchObject({ state: 'still', isHeld: false, folder: 'still' });
  expect(quiet.inFlight).toBeUndefined();
  expect(quiet.waitedMs).toBeGreaterThanOrEqual(1500);
});

test('one that hangs is not asked for its visitors, and that is noted', async () => {
  const { said, notes, options } = world();
  let turned = 0;
  const quiet = await becomeQuiet(options, { ...ending, ...heldBy(options), isHung: true, turnAway: () => turned++ });
  expect(quiet).toMatchObject({ state: 'gave-up', isHeld: false });
  expect(quiet.waitedMs).toBeLessThan(2000);
  expect([turned, said, notes]).toEqual([1, [], ['not-quiet hangs=yes seconds=0 requests=0 streams=0 folder=still']]);
});
