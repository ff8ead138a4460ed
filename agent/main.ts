import { realpathSync } from 'node:fs';
import { FarmError } from '#contract/errors.ts';
import type { WordKey } from '#words/translate.ts';
import { readCommandLine } from './command-line.ts';
import { readCodeFile } from './pairing-code-file.ts';
import { runAgent } from './run-agent.ts';
import { agentVersion } from './version.ts';
import { sayFailure } from './watch-for-bugs.ts';

/** Sentences are loaded only when one is said: a running agent does without them. */
async function say(key: WordKey, parameters: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { createTranslate } = await import('#words/translate.ts');
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  process.stdout.write(`${createTranslate(locale.startsWith('ru') ? 'ru' : 'en', timeZone).say(key, parameters)}\n`);
}

async function showCode(home: string): Promise<number> {
  const shown = await readCodeFile(home, Date.now());
  if (shown === undefined) {
    await say('agent.code.none', { home });
    return 1;
  }
  await say('agent.code.shown', { code: shown.code, minutes: Math.max(1, Math.round((shown.expiresAtMs - Date.now()) / 60_000)) });
  return 0;
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
