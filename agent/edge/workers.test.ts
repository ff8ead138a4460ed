import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { usualHoldLimits } from './holds.ts';
import { usualUpstreamLimits } from './upstream/limits.ts';
import { boundsOf } from './worker-bounds.ts';
import type { StartWorker, WorkerEars } from './worker-link.ts';
import { toWorker, type WorkerAsk } from './worker-messages.ts';
import { Workers } from './workers.ts';

type Fake = { readonly ears: WorkerEars; readonly asked: { id: number; ask: WorkerAsk }[]; isEnded: boolean; readonly processId: number };

let made: Fake[] = [];
let notes: { event: string; [field: string]: unknown }[] = [];
/** What each new one does with what it is asked; answers at once unless a test says otherwise. */
let behave: (one: Fake, id: number, ask: WorkerAsk) => void;
const answerAll = (one: Fake, id: number, ask: WorkerAsk): void =>
  one.ears.said({
    say: 'answer',
    id,
    ...(ask.act === 'count' ? { counts: { requests: 5, connections: 2, routes: 3, certificates: 1 } } : {}),
    ...(ask.act === 'listen' ? { problem: '' } : {}),
  });

const start: StartWorker = (ears) => {
  const one: Fake = { ears, asked: [], isEnded: false, processId: 1000 + made.length };
  made.push(one);
  return {
    processId: one.processId,
    send: (message, _socket, sent) => {
      const { id, ask } = toWorker.parse(message);
      one.asked.push({ id, ask });
      queueMicrotask(() => behave(one, id, ask));
      sent?.();
    },
    end: () => {
      if (one.isEnded) return;
      one.isEnded = true;
      queueMicrotask(() => ears.gone('SIGKILL'));
    },
  };
};

const begin: Extract<WorkerAsk, { act: 'begin' }> = { act: 'begin', proof: 'p', share: 2, ticketKeys: '', httpsPort: 1, holds: [] };
function workers(count = 2): Workers {
  const all = new Workers({
    start,
    count,
    begin: () => begin,
    log: { write: (event, fields = {}) => notes.push({ event, ...fields }) },
    shown: (page) => notes.push({ event: 'shown', ...page }),
    changed: () => undefined,
  });
  all.begin();
  return all;
}
const socket = { getsockname: () => 0, close: () => undefined };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'performance'] });
  made = [];
  notes = [];
  behave = answerAll;
});
afterEach(() => vi.useRealTimers());

test('a change is told when all have taken it, and not while one has not', async () => {
  const all = workers();
  let isTold = false;
  behave = (one, id, ask) => one === made[0] && answerAll(one, id, ask);
  const told = all.ask({ act: 'route', host: 'a' }).then(() => (isTold = true));
  await vi.advanceTimersByTimeAsync(100);
  expect(isTold).toBe(false);
  // One that ends has nothing more to take: its successor reads the files.
  made[1]?.ears.gone('SIGKILL');
  await told;
});

test('one that is too late makes an answer incomplete, one that is gone does not', async () => {
  const all = workers();
  await vi.advanceTimersByTimeAsync(1);
  behave = (one, id, ask) => one === made[0] && answerAll(one, id, ask);
  const late = all.ask({ act: 'hold', instanceId: 'i', leaseMs: 1000 }, 250);
  await vi.advanceTimersByTimeAsync(250);
  expect(await late).toMatchObject({ isComplete: false, answers: [{}] });
  const gone = all.ask({ act: 'hold', instanceId: 'i', leaseMs: 1000 }, 250);
  made[1]?.ears.gone('SIGKILL');
  expect(await gone).toMatchObject({ isComplete: true, answers: [{}] });
});

test('one that could not do what it was asked makes the agent hear of it', async () => {
  const all = workers();
  behave = (one, id) => one.ears.said({ say: 'answer', id, problem: 'EACCES' });
  await expect(all.ask({ act: 'route', host: 'a' })).rejects.toThrow('EACCES');
});

test('one that is silent three times is ended, and another takes its place with all sockets and everything that is held', async () => {
  const all = workers();
  void all.listen('https', socket);
  await vi.advanceTimersByTimeAsync(1);
  behave = (one, id, ask) => one !== made[0] && answerAll(one, id, ask);
  await vi.advanceTimersByTimeAsync(9000);
  expect(made[0]?.isEnded).toBe(false);
  await vi.advanceTimersByTimeAsync(3000);
  expect(made[0]?.isEnded).toBe(true);
  expect(made[1]?.isEnded).toBe(false);
  expect(notes).toMatchObject([{ event: 'worker-silent', processId: 1000 }, { event: 'worker-gone' }]);
  await vi.advanceTimersByTimeAsync(200);
  expect(made[2]?.asked.map(({ ask }) => ask.act)).toEqual(['begin', 'listen']);
  expect(all.size).toEqual({ wanted: 2, running: 2 });
});

test('what it has counted is not lost with it', async () => {
  const all = workers();
  expect(await all.counts(1000)).toEqual({ requests: 10, connections: 4, routes: 3, certificates: 1 });
  made[0]?.ears.gone('SIGKILL');
  expect(await all.counts(1000)).toEqual({ requests: 10, connections: 2, routes: 3, certificates: 1 });
  await vi.advanceTimersByTimeAsync(200);
  expect((await all.counts(1000)).requests).toBe(15);
});

test.each([
  ['no document', 'hello'],
  ['a foreign word', { say: 'kill', processId: 1 }],
  ['an answer that is none', { say: 'answer', id: 'one' }],
  ['a count below nothing', { say: 'answer', id: 1, counts: { requests: -1, connections: 0, routes: 0, certificates: 0 } }],
  ['an event that is no word', { say: 'log', event: '../x\n', fields: {} }],
])('one that talks nonsense (%s) is ended, and nothing else comes of it', async (_what, said) => {
  workers();
  await vi.advanceTimersByTimeAsync(1);
  made[0]?.ears.said(said);
  await vi.advanceTimersByTimeAsync(1);
  expect([made[0]?.isEnded, made[1]?.isEnded]).toEqual([true, false]);
  expect(notes).toMatchObject([{ event: 'worker-nonsense', processId: 1000 }, { event: 'worker-gone' }]);
});

test('answers that nobody asked for are dropped', async () => {
  workers();
  await vi.advanceTimersByTimeAsync(1);
  for (const id of [-1, 1, 99]) made[0]?.ears.said({ say: 'answer', id, problem: 'x' });
  expect(notes).toEqual([]);
});

test('a line of its log says neither when, nor what, nor who in the place of the log itself, and is bounded', async () => {
  workers();
  await vi.advanceTimersByTimeAsync(1);
  made[0]?.ears.said({ say: 'log', event: 'page', fields: { at: 'never', event: 'stop', processId: 1, kind: 'broken' } });
  made[0]?.ears.said({ say: 'log', event: 'page', fields: { stack: 'x'.repeat(100_000) } });
  expect(notes).toEqual([
    { event: 'page', processId: 1000, kind: 'broken' },
    { event: 'page', processId: 1000, problem: 'too long' },
  ]);
});

test('one that ends at once is started again later and later; when none has ever begun it is said', async () => {
  behave = (one) => one.ears.gone('1 no such file');
  const all = workers(1);
  const failed = expect(all.up).rejects.toThrow('no such file');
  await vi.advanceTimersByTimeAsync(10_000);
  await failed;
  // 0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 s
  expect(made).toHaveLength(7);
});

test('one that cannot begin is ended and started again, and what it said is told when none can', async () => {
  behave = (one, id, ask) => (ask.act === 'begin' ? one.ears.said({ say: 'answer', id, problem: 'EMFILE' }) : answerAll(one, id, ask));
  const all = workers(1);
  const failed = expect(all.up).rejects.toThrow('EMFILE');
  await vi.advanceTimersByTimeAsync(1000);
  await failed;
  expect(made.slice(0, 3).map(({ isEnded }) => isEnded)).toEqual([true, true, true]);
  expect(all.size.running).toBe(0);
});

test('a connection that was accepted elsewhere waits for a worker, goes to one of them, and is let go here', async () => {
  behave = () => undefined;
  const all = workers();
  let closed = 0;
  const connection = { ...socket, close: () => (closed += 1) };
  all.pass('https', connection);
  expect(closed).toBe(0);
  behave = answerAll;
  for (const one of made) for (const { id, ask } of one.asked) answerAll(one, id, ask);
  await vi.advanceTimersByTimeAsync(1);
  for (let more = 0; more < 3; more++) all.pass('https', connection);
  expect(closed).toBe(4);
  const taken = made.map(({ asked }) => asked.filter(({ ask }) => ask.act === 'connection').length);
  expect(taken).toEqual([2, 2]);
});

test('bounds are divided: all workers together never pass those of the edge', () => {
  for (const count of [1, 2, 3, 4, 64]) {
    const { upstream, holds, uploads, connections, connectionsPerVisitor } = boundsOf(count);
    const whole = [
      [upstream.connections, usualUpstreamLimits.connections],
      [upstream.webSockets, usualUpstreamLimits.webSockets],
      [upstream.waiting, usualUpstreamLimits.waiting],
      [upstream.waitingPerAddress, usualUpstreamLimits.waitingPerAddress],
      [holds.perInstance, usualHoldLimits.perInstance],
      [holds.inAll, usualHoldLimits.inAll],
      [uploads, 1024],
      [connections, 16_384],
      [connectionsPerVisitor, 4096],
    ] as const;
    for (const [part, of] of whole) {
      expect(part * count).toBeLessThanOrEqual(of);
      expect(part).toBeGreaterThanOrEqual(1);
      if (count === 1) expect(part).toBe(of);
    }
    expect(upstream.busyAfterMs).toBe(usualUpstreamLimits.busyAfterMs);
  }
});
