import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `absent`: this computer has no such thing to try. */
export type StepResult = 'passed' | 'failed' | 'absent';
/** Plain values; their words stand where the results are read (`scripts/lib/trial/`). */
export type Detail = Readonly<Record<string, string | number | boolean>>;
export type Outcome = {
  readonly result: StepResult;
  readonly detail?: Detail;
  /** The name of a picture beside the results. */
  readonly picture?: string;
};

/** One line of the results, in the order in which things happen. */
export type TrialLine =
  | { readonly kind: 'begun'; readonly life: 'first' | 'second'; readonly steps: readonly string[]; readonly facts: Detail }
  | (Outcome & { readonly kind: 'step'; readonly step: string; readonly ms: number })
  /** Somebody outside must start the program a second time now. */
  | { readonly kind: 'asks'; readonly what: 'second-start' }
  /** Nothing more is tried; what is known of the computer only now comes along. */
  | { readonly kind: 'done'; readonly facts: Detail };

export type TrialResults = {
  /** A file that has lines already is one of a program that was started again. */
  readonly life: 'first' | 'second';
  /** Written at once, so that nothing is lost when the program dies in the next step. A full disk loses lines, never the program. */
  readonly write: (line: TrialLine) => void;
  /** Keeps a picture beside the results and answers with its name. Throws what the file system throws. */
  readonly keepPicture: (name: string, bytes: Uint8Array) => string;
  /** True once after somebody outside asked for the program's end: it works on every system, unlike signals. */
  readonly takeQuit: () => boolean;
};

/** What is put beside the results to ask for the program's end. */
const quitEnding = '.quit';

/**
 * Results of a trial in a file of their owner's. Undefined, and nothing is written, unless the file's folder is there and the file is one of our own
 * or none yet.
 */
export function openTrialResults(path: string): TrialResults | undefined {
  const folder = dirname(path);
  let life: TrialResults['life'];
  try {
    if (!statSync(folder).isDirectory()) return undefined;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (text !== '' && !text.startsWith('{"kind":"begun"')) return undefined;
    life = text === '' ? 'first' : 'second';
  } catch {
    return undefined;
  }
  return {
    life,
    write: (line) => {
      try {
        appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
      } catch {
        // There is nowhere left to tell of it.
      }
    },
    keepPicture: (name, bytes) => {
      const file = `${basename(path)}.${name}.png`;
      writeFileSync(join(folder, file), bytes, { mode: 0o600 });
      return file;
    },
    takeQuit: () => {
      const asked = `${path}${quitEnding}`;
      if (!existsSync(asked)) return false;
      rmSync(asked, { force: true });
      return true;
    },
  };
}
