import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askPerson, notAsked } from './questions.mjs';

/** A person who types one line after another, each when something is asked. */
function person(lines: readonly string[], then: 'leaves' | 'stays' = 'leaves') {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...lines];
  let said = '';
  output.on('data', (text: Buffer) => {
    said += text.toString();
    if (!/(\[y\/n\] |: )$/.test(text.toString())) return;
    const line = left.shift();
    if (line !== undefined) setImmediate(() => input.write(`${line}\n`));
    else if (then === 'leaves') setImmediate(() => input.end());
  });
  return { input, output, said: () => said };
}
const never = new AbortController().signal;
const ask = (who: ReturnType<typeof person>, more: { signal?: AbortSignal; limitMs?: number } = {}) =>
  askPerson({ input: who.input, output: who.output, signal: never, onInterrupt: () => undefined, ...more });

it('takes yes and no in both alphabets, each with a note, and knows which is right', async () => {
  const answers = await ask(person(['y', '', 'Y', 'the menu lies over the farm', 'н', 'the bar is white', '', 'д', '', 'no', '', 'y', '']));
  expect(answers.map(({ name, result, detail }) => [name, result, detail])).toEqual([
    ['ask.drag', 'passed', 'y'],
    ['ask.covered', 'failed', 'y: the menu lies over the farm'],
    ['ask.dark', 'failed', 'n: the bar is white'],
    ['ask.keychain', 'notAsked', ''],
    ['ask.files', 'passed', 'y'],
    ['ask.notice', 'failed', 'n'],
    ['ask.browser', 'passed', 'y'],
  ]);
});

it('counts a question as not asked that was skipped, answered with something else, or met by nobody', async () => {
  const answers = await ask(person(['', 'perhaps', 'y', '']));
  expect(answers.map(({ result }) => result)).toEqual(['notAsked', 'notAsked', 'passed', 'notAsked', 'notAsked', 'notAsked', 'notAsked']);
});

it('waits for nobody longer than its limit, and not at all once it was interrupted', async () => {
  const startedMs = performance.now();
  const answers = await ask(person([], 'stays'), { limitMs: 20 });
  expect(answers.map(({ result }) => result)).toEqual(notAsked().map(({ result }) => result));
  const over = new AbortController();
  const asking = ask(person([], 'stays'), { signal: over.signal });
  setTimeout(() => over.abort(), 20);
  expect(await asking).toEqual(notAsked());
  expect(performance.now() - startedMs).toBeLessThan(3000);
});
