import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';

export type DesktopOptions = {
  readonly home: string | undefined;
  readonly language: string | undefined;
  readonly isDemo: boolean;
  /** The file for the results of a trial (`npm run try:desktop`), an absolute path. */
  readonly trial: string | undefined;
};

/**
 * What `npm start -- …` or a shortcut told the desktop. What is not ours is passed over: Chromium has switches of its own on the same
 * command line, and the web console's (`--port`) mean nothing here.
 */
export function readDesktopOptions(words: readonly string[]): DesktopOptions {
  const options = {
    home: { type: 'string' },
    language: { type: 'string' },
    demo: { type: 'boolean' },
    port: { type: 'string' },
    'try-desktop': { type: 'string' },
  } as const;
  const { values } = parseArgs({ args: [...words], options, strict: false });
  const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const trial = textOf(values['try-desktop']);
  return {
    home: textOf(values.home),
    language: textOf(values.language),
    isDemo: values.demo === true,
    trial: trial !== undefined && isAbsolute(trial) ? trial : undefined,
  };
}
