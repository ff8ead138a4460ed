// First: libraries look for a window when they are loaded.
import './testing/empty-page.ts';
import { focusManager, onlineManager } from '@tanstack/react-query';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LinkLostError } from './core-link.ts';
import { createTestWays, mount } from './testing/mount.tsx';
import { queryClient, refreshQueries, unshownKeptMs } from './query-client.ts';
import { type Ask, type Query, type QueryOptions, useQuery } from './use-query.ts';

type Asked = { readonly answer: (value: string) => void; readonly refuse: (error: unknown) => void; readonly signal?: AbortSignal };

/** A question that the test answers, and what the component showed of it. */
function createQuestion(key: string | undefined, options: QueryOptions & { readonly readsSignal?: boolean } = {}) {
  const asked: Asked[] = [];
  const shown: Query<string>[] = [];
  const get: Ask<string> = (_, given) =>
    new Promise((answer, refuse) => asked.push({ answer, refuse, ...(options.readsSignal === true && { signal: given.signal }) }));
  const Show = () => {
    shown.push(useQuery(key, get, options));
    return null;
  };
  return { asked, shown, Show, now: () => shown.at(-1) };
}
type Question = ReturnType<typeof createQuestion>;

let unmount = (): void => undefined;
afterEach(() => {
  unmount();
  vi.restoreAllMocks();
});
const show = (question: Question, ways = createTestWays()) => {
  const mounted = mount(<question.Show />, ways);
  ({ unmount } = mounted);
  return mounted;
};
const until = (check: () => void) => vi.waitFor(check, { timeout: 3_000, interval: 5 });
const answerWith = async (question: Question, index: number, value: string) => {
  await until(() => expect(question.asked.length).toBeGreaterThan(index));
  question.asked[index]?.answer(value);
};

describe('a refresh that is asked for while an older question is on its way', () => {
  it('asks again, and the older answer is not shown', async () => {
    const question = createQuestion('domains.refresh');
    show(question);
    await answerWith(question, 0, 'before');
    await until(() => expect(question.now()).toMatchObject({ data: 'before', isLoading: false }));
    question.now()?.refresh();
    await until(() => expect(question.asked).toHaveLength(2));
    // The act ends here: what was asked before it may not know of it.
    refreshQueries('domains.');
    await answerWith(question, 2, 'after');
    question.asked[1]?.answer('old');
    await until(() => expect(question.now()).toMatchObject({ data: 'after', isLoading: false }));
    expect(question.shown.map(({ data }) => data)).not.toContain('old');
  });

  it('asks again also when nothing was answered before', async () => {
    const question = createQuestion('domains.first');
    show(question);
    await until(() => expect(question.asked).toHaveLength(1));
    refreshQueries('domains.');
    await answerWith(question, 1, 'after');
    question.asked[0]?.answer('old');
    await until(() => expect(question.now()).toMatchObject({ data: 'after', isLoading: false }));
    expect(question.shown.map(({ data }) => data)).not.toContain('old');
  });
});

describe('a question', () => {
  it('tells a failure beside the older answer, and until there is a newer one', async () => {
    const question = createQuestion('domains.failed');
    show(question);
    await until(() => expect(question.asked).toHaveLength(1));
    question.asked[0]?.refuse(new LinkLostError());
    await until(() => expect(question.now()).toMatchObject({ data: undefined, failure: { code: 'LINK_LOST' }, isLoading: false }));
    question.now()?.refresh();
    await until(() => expect(question.now()?.isLoading).toBe(true));
    expect(question.now()?.failure).toMatchObject({ code: 'LINK_LOST' });
    await answerWith(question, 1, 'known');
    await until(() => expect(question.now()).toMatchObject({ data: 'known', failure: undefined }));
    question.now()?.refresh();
    await until(() => expect(question.asked).toHaveLength(3));
    question.asked[2]?.refuse(new LinkLostError());
    await until(() => expect(question.now()).toMatchObject({ data: 'known', failure: { code: 'LINK_LOST' } }));
  });

  it('is asked once for all who show it, and not again while its answer is fresh', async () => {
    const question = createQuestion('domains.fresh', { freshMs: 60_000 });
    const mounted = show(question);
    mounted.show([<question.Show key="a" />, <question.Show key="b" />]);
    await answerWith(question, 0, 'known');
    await until(() => expect(question.now()?.data).toBe('known'));
    mounted.show([]);
    mounted.show([<question.Show key="c" />]);
    await until(() => expect(question.now()).toMatchObject({ data: 'known', isLoading: false }));
    expect(question.asked).toHaveLength(1);
    // What an act changed is not fresh, whether it was shown just then or not.
    mounted.show([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    refreshQueries('domains.');
    await new Promise((resolve) => setTimeout(resolve, 20));
    mounted.show([<question.Show key="d" />]);
    await until(() => expect(question.asked).toHaveLength(2));
  });

  it('is asked again every so often while it is shown, and no more after that', async () => {
    const question = createQuestion('domains.every', { everyMs: 30 });
    const mounted = show(question);
    for (const index of [0, 1, 2]) await answerWith(question, index, `answer ${index}`);
    await until(() => expect(question.now()?.data).toBe('answer 2'));
    mounted.show([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { length } = question.asked;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(question.asked.length).toBe(length);
  });

  it('without a key is not asked, and neither is it by a refresh', async () => {
    const question = createQuestion(undefined);
    show(question);
    await until(() => expect(question.now()).toMatchObject({ data: undefined, isLoading: false }));
    question.now()?.refresh();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(question.asked).toHaveLength(0);
  });

  it.each([
    [true, 'is told that nobody waits for its answer'],
    [false, 'answers into the cache when it does not ask who waits'],
  ])('that reads its signal: %j %s', async (readsSignal) => {
    const key = `domains.gone.${readsSignal}`;
    const question = createQuestion(key, { readsSignal });
    const mounted = show(question);
    await until(() => expect(question.asked).toHaveLength(1));
    mounted.show([]);
    if (readsSignal) return until(() => expect(question.asked[0]?.signal?.aborted).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    question.asked[0]?.answer('late');
    return until(() => expect(queryClient.getQueryData([key])).toBe('late'));
  });
});

describe('the link', () => {
  it('comes back: asks again what failed and what was answered before it was cut', async () => {
    const ways = createTestWays();
    const question = createQuestion('domains.link', { freshMs: 60_000 });
    show(question, ways);
    await answerWith(question, 0, 'before');
    await until(() => expect(question.now()?.data).toBe('before'));
    ways.cut();
    await answerWith(question, 1, 'after');
    await until(() => expect(question.now()?.data).toBe('after'));
    expect(question.asked).toHaveLength(2);
  });

  it('is what counts: neither focus nor the browser being online asks anything', async () => {
    const question = createQuestion('domains.focus');
    const { unmount: leave } = show(question);
    await answerWith(question, 0, 'known');
    await until(() => expect(question.now()?.data).toBe('known'));
    queryClient.mount();
    focusManager.setFocused(false);
    focusManager.setFocused(true);
    onlineManager.setOnline(false);
    onlineManager.setOnline(true);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(question.asked).toHaveLength(1);
    // A computer without the internet still asks a core that runs on it.
    onlineManager.setOnline(false);
    question.now()?.refresh();
    await until(() => expect(question.asked).toHaveLength(2));
    onlineManager.setOnline(true);
    focusManager.setFocused(undefined);
    queryClient.unmount();
    leave();
  });
});

it('an answer that nobody shows any more is forgotten after a while', async () => {
  const question = createQuestion('domains.forgotten');
  const mounted = show(question);
  await answerWith(question, 0, 'known');
  await until(() => expect(question.now()?.data).toBe('known'));
  const kept = () => queryClient.getQueryData(['domains.forgotten']);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    mounted.show([]);
    const observers = () =>
      queryClient
        .getQueryCache()
        .find({ queryKey: ['domains.forgotten'] })
        ?.getObserversCount();
    for (let turn = 0; observers() !== 0 && turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(observers()).toBe(0);
    vi.advanceTimersByTime(unshownKeptMs - 1);
    expect(kept()).toBe('known');
    vi.advanceTimersByTime(1);
    expect(kept()).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});
