import { createInterface } from 'node:readline/promises';
import { say } from '../words.mjs';

/** What only a person can see, and the answer that is right; none is wrong where none is named. */
const questions = /** @type {const} */ ([
  { name: 'drag', right: 'y' },
  { name: 'covered', right: 'n' },
  { name: 'dark', right: 'y' },
  { name: 'keychain', right: undefined },
  { name: 'files', right: 'y' },
  { name: 'notice', right: 'y' },
  { name: 'browser', right: 'y' },
]);
const minutes = 3;

/** Russian letters beside the Latin ones. @param {string} typed */
const letterOf = (typed) => ({ y: 'y', д: 'y', n: 'n', н: 'n' })[typed.trim().toLowerCase().slice(0, 1)];

/** @typedef {{ name: string, result: 'passed' | 'failed' | 'notAsked', detail: string }} Answer */

/** Without somebody at a terminal nothing is asked. @returns {Answer[]} */
export const notAsked = () => questions.map(({ name }) => ({ name: `ask.${name}`, result: 'notAsked', detail: '' }));

/**
 * Asks one after another. Whoever does not answer in three minutes, or ends the input, is asked no more of that question.
 * @param {{ input: NodeJS.ReadableStream, output: NodeJS.WritableStream, signal: AbortSignal, onInterrupt: () => void, limitMs?: number }} around
 * @returns {Promise<Answer[]>}
 */
export async function askPerson({ input, output, signal, onInterrupt, limitMs = minutes * 60_000 }) {
  output.write(`\n${say('tryAsk', { count: questions.length, minutes })}\n`);
  const lines = createInterface({ input, output });
  // At a terminal Ctrl-C comes here, and reaches the process no more.
  lines.on('SIGINT', onInterrupt);
  let isOver = false;
  const ended = new Promise((resolve) =>
    lines.once('close', () => {
      isOver = true;
      resolve('');
    }),
  );
  /** @param {string} text */
  const ask = async (text) => {
    const given = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const typed = await Promise.race([lines.question(text, { signal: given }), ended]).catch(() => '');
    return String(typed);
  };
  /** @type {Answer[]} */
  const answers = [];
  for (const { name, right } of questions) {
    /** @type {Answer} */
    let answer = { name: `ask.${name}`, result: 'notAsked', detail: '' };
    if (!isOver && !signal.aborted) {
      output.write(`\n${say(`ask.${name}`)}\n`);
      const letter = letterOf(await ask(say('tryAnswer')));
      if (letter !== undefined) {
        const note = isOver || signal.aborted ? '' : (await ask(say('tryNote'))).trim().slice(0, 1000);
        answer = {
          ...answer,
          result: right === undefined || letter === right ? 'passed' : 'failed',
          detail: note === '' ? letter : `${letter}: ${note}`,
        };
      }
    }
    answers.push(answer);
  }
  lines.close();
  return answers;
}
