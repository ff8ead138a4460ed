import { expect, test } from 'vitest';
import { type Effect, type JobDefinition, use } from '../effects/effect.ts';
import { aJob, idAt } from '../drivers/store/example-rows.ts';
import { tableOf } from './steps-of.ts';
import type { StepContext } from './job-table.ts';

/** A thing that is there, with a name that a look must read. */
const removed: string[] = [];
const thing: Effect<string, object, { readonly name: string }> = {
  kind: 'thing',
  timeoutMs: 1000,
  waiting: () => ({ code: 'save', parameters: {} }),
  observe: async (name) => ({ name }),
  describe: (seen, wanted) => (wanted === 'absent' && typeof seen === 'object' ? { code: 'out', parameters: {} } : undefined),
  ensure: async (name) => ({ name }),
  remove: async (name, seen) => {
    removed.push(`${name} ${JSON.stringify(seen)}`);
    return 'gone';
  },
  restore: () => 'lost',
};
const definition: JobDefinition<object> = {
  type: 'remove',
  version: 2,
  continues: [1],
  begin: { plan: () => Promise.reject(new Error('nobody begins it here')) },
  read: () => ({}),
  parts: () => [use('dns', thing).remove(() => 'anna')],
  // what version 1 saved of a step that had begun: it had looked, and found nothing
  convert: () => ({ parts: { thing: { before: 'absent' } } }),
};

/** A step that has begun for the first time, and of which nothing was saved: the look ahead of it had failed. */
const contextOf = (version: number): StepContext => ({
  job: { ...aJob({ id: idAt(1) }), type: 'remove', version },
  actor: { kind: 'system' },
  signal: new AbortController().signal,
  isRepeat: false,
  attempts: () => 1,
  checkpoint: () => ({}),
  remember: async () => undefined,
  tell: async () => undefined,
  show: async () => undefined,
  waitFor: () => undefined,
});

test.each([
  [2, ['anna {"name":"anna"}']],
  [1, []],
])('a step of version %i whose look ahead failed is not taken for one that an older release began', async (version, expected) => {
  removed.length = 0;
  const step = tableOf(definition).steps.find(({ name }) => name === 'dns');
  await step?.act(contextOf(version));
  expect(removed).toEqual(expected);
});

test.each([
  [undefined, 0],
  [false as const, 1],
])('what a look cannot tell from a half-made thing (%s) is made until that has answered once', async (isWholeSeen, made) => {
  let calls = 0;
  const half: typeof thing = {
    ...thing,
    describe: (seen) => (typeof seen === 'object' ? undefined : { code: 'in', parameters: {} }),
    ensure: async (name) => {
      calls += 1;
      return { name };
    },
    ...(isWholeSeen === undefined ? {} : { isWholeSeen }),
  };
  const table = tableOf({
    ...definition,
    parts: () => [
      use('dns', half).ensure(
        () => 'anna',
        () => ({}),
        { before: 'absent' },
      ),
    ],
  });
  const step = table.steps.find(({ name }) => name === 'dns');
  // its first attempt broke off; the thing is seen, in whatever state
  const repeated = { ...contextOf(2), isRepeat: true, attempts: () => 2 };
  const acted = await step?.act(repeated);
  expect(calls).toBe(made);
  await step?.act({ ...repeated, checkpoint: () => acted?.checkpoint ?? {} });
  expect(calls).toBe(made);
});

/** A thing that is gone. `isThere`: whether it is desired to be there. */
function goneThing(): {
  readonly effect: Effect<string, { readonly isThere: boolean }, { readonly name: string }>;
  readonly made: string[];
} {
  const made: string[] = [];
  return {
    made,
    effect: {
      ...thing,
      observe: async () => 'place-gone',
      describe: (_seen, wanted) => (wanted !== 'absent' && wanted.isThere ? { code: 'in', parameters: {} } : undefined),
      ensure: async (name) => {
        made.push(name);
        return { name };
      },
      restore: () => 'lost',
    },
  };
}
const repeatedAt = (begun: readonly string[]): StepContext => ({
  ...contextOf(2),
  isRepeat: true,
  attempts: (name) => (begun.includes(name) ? 1 : 0),
});

test.each([
  [false, true, []],
  [true, false, ['anna']],
])('of what is gone with its place, its own words say whether it stands (desired there: %s)', async (isThere, stands, expected) => {
  const { effect, made } = goneThing();
  const parts = () => [
    use('stop', effect).ensure(
      () => 'anna',
      () => ({ isThere }),
    ),
  ];
  const step = tableOf({ ...definition, parts }).steps.find(({ name }) => name === 'stop');
  expect(await step?.isThere(repeatedAt(['stop']))).toBe(stands);
  await step?.act(repeatedAt(['stop']));
  expect(made).toEqual(expected);
});

test.each([
  [['check', 'row'], []],
  [['check'], ['anna']],
])('a step that is done again does not make what a later step of its job took away (begun: %j)', async (begun, expected) => {
  const { effect, made } = goneThing();
  const ensured = use('check', effect).ensure(
    () => 'anna',
    () => ({ isThere: true }),
    { isWithJob: true },
  );
  const parts = () => [ensured, use('row', effect).remove(() => 'anna')];
  const step = tableOf({ ...definition, parts }).steps.find(({ name }) => name === 'check');
  await step?.act(repeatedAt(begun));
  expect(made).toEqual(expected);
});
