import { realpathSync } from 'node:fs';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { keyWords } from '#words/key-words.ts';
import type { WordKey } from '#words/translate.ts';
import { readCommandLine } from './command-line.ts';
import { type OwnKey, readOwnKey } from './link/link-files.ts';
import { readCodeFile } from './pairing-code-file.ts';
import { runAgent } from './run-agent.ts';
import { foldersOf } from './state/home.ts';
import { agentVersion } from './version.ts';
import { sayFailure } from './os/watch-for-bugs.ts';

/** Sentences are loaded only when one is said: a running agent does without them. */
async function say(key: WordKey, parameters: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { createTranslate } = await import('#words/translate.ts');
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  process.stdout.write(`${createTranslate(locale.startsWith('ru') ? 'ru' : 'en', timeZone).say(key, parameters)}\n`);
}

/** A farm's name came from its core: nothing in it may drive the terminal or turn the line around. */
const plain = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');

/** What stands between a person and the key; anything else is a bug. */
async function sayUnreadable(error: unknown): Promise<number> {
  if (isFarmError(error, 'NOT_PERMITTED_BY_OS')) await say('agent.code.denied', { path: error.parameters.what });
  else if (isFarmError(error, 'HOME_HALF_WRITTEN')) await say('agent.code.damaged', { path: error.parameters.path });
  else throw error;
  return 1;
}

/** The code and the words of the key, both from this server's own files: what a desk shows must be compared with something that it did not say. */
async function showCode(home: string): Promise<number> {
  let own: OwnKey | undefined;
  try {
    own = readOwnKey(foldersOf(home).state);
  } catch (error) {
    return sayUnreadable(error);
  }
  if (own === undefined) {
    await say('agent.code.noAgent', { home });
    return 1;
  }
  const shown = own.farmName === undefined ? await readCodeFile(home, Date.now()) : undefined;
  if (shown !== undefined)
    await say('agent.code.shown', { code: shown.code, minutes: Math.max(1, Math.round((shown.expiresAtMs - Date.now()) / 60_000)) });
  else if (own.farmName === undefined) await say('agent.code.none', { home });
  else await say('agent.code.joined', { farm: plain(own.farmName) });
  await say('agent.code.key', { words: keyWords(own.keyFingerprint).join(' ') });
  return shown === undefined ? 1 : 0;
}

/** The exit code, or undefined while the agent runs. */
async function main(args: readonly string[]): Promise<number | undefined> {
  const command = readCommandLine(args);
  switch (command.verb) {
    case 'help':
      await say('agent.help');
      return 0;
    case 'version':
      process.stdout.write(`${agentVersion}\n`);
      return 0;
    case 'wrong':
      await say('agent.wrong', { argument: command.argument });
      return 2;
    case 'code':
      return showCode(command.home);
    case 'run': {
      const result = await runAgent(command.settings, realpathSync(process.argv[1] ?? ''));
      if (result === 'running') return undefined;
      await say('agent.already', { home: command.settings.home, processId: String(result.alreadyIn) });
      return 0;
    }
  }
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    if (exitCode !== undefined) process.exit(exitCode);
  },
  (error: unknown) => {
    if (error instanceof FarmError) sayFailure(error);
    else sayFailure({ code: 'INTERNAL', parameters: { reference: error instanceof Error && 'reference' in error ? error.reference : '' } });
    process.exit(1);
  },
);
