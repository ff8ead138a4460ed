import { printable } from '../printable.mjs';
import { say } from '../words.mjs';

/**
 * @typedef {'passed' | 'failed' | 'absent' | 'unreached' | 'notAsked'} Result
 * @typedef {'first' | 'person' | 'closed' | 'second' | 'end'} Life
 * @typedef {{ name: import('../words.mjs').WordKey, life: Life, result: Result, ms: number | undefined, detail: string }} Row
 */

/** Of a detail in the terminal; the report has it whole. */
const mostShown = 500;

/** Keeps every step, and prints it as it comes. @param {(line: string) => void} print */
export function createRecord(print) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {Life | undefined} */
  let life;
  /** @param {Result} result */
  const count = (result) => rows.filter((row) => row.result === result).length;
  return {
    rows,
    /** @param {Life} which @param {string} name @param {Result} result @param {{ ms?: number | undefined, detail?: string }} [more] */
    add: (which, name, result, { ms, detail = '' } = {}) => {
      if (which !== life) print(`\n${say(`life.${which}`)}`);
      life = which;
      const key = /** @type {import('../words.mjs').WordKey} */ (name);
      rows.push({ name: key, life: which, result, ms, detail });
      const time = ms === undefined ? '' : say('tryMs', { ms });
      print(
        `  ${say(`result.${result}`).padEnd(2)} ${time.padStart(9)}  ${say(key)}${detail === '' ? '' : `  (${printable(detail, mostShown)})`}`,
      );
    },
    /** @param {Life} which @param {string} name */
    has: (which, name) => rows.some((row) => row.life === which && row.name === name),
    /** @param {string} name */
    hasPassed: (name) => rows.some((row) => row.name === name && row.result === 'passed'),
    hasFailed: () => rows.some(({ result }) => result === 'failed'),
    total: () =>
      say('tryTotal', {
        passed: count('passed'),
        failed: count('failed'),
        absent: count('absent'),
        unreached: count('unreached'),
        notAsked: count('notAsked'),
      }),
  };
}
/** @typedef {ReturnType<typeof createRecord>} TrialRecord */
