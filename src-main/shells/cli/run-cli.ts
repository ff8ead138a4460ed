import { randomUUID } from 'node:crypto';
import { FarmError, type Failure } from '#contract/errors.ts';
import { requestKey } from '#contract/ids.ts';
import type { Translate } from '#words/translate.ts';
import type { Environment } from '../choose-desktop.ts';
import { homesToLookIn } from '../home-folder.ts';
import { chooseLanguage, sayFailure, translateFor } from '../speech.ts';
import type { Answer, Call, Command } from './command.ts';
import { commands } from './commands/index.ts';
import { connect, findProgram } from './connect.ts';
import { exitCodeOf, exitCodes, failureOf, inputProblem, UsageError } from './failures.ts';
import { helpLines } from './help.ts';
import { type Parsed, parse, peek } from './parse.ts';
import { createScreen, type Screen, type Terminal } from './screen.ts';
import { safeJson } from '../untrusted.ts';

export type CliOptions = {
  readonly words: readonly string[];
  readonly out: Terminal;
  readonly error: Terminal;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Everything that comes on standard input. */
  readonly readInput: () => Promise<string>;
  /** Asks on a terminal; undefined where nobody can be asked. */
  readonly ask?: (question: string) => Promise<string>;
};

const yes = /^(y|yes|д|да)$/i;

function print(options: CliOptions, screen: Screen, answer: Answer): number {
  if (screen.isJson) options.out.write(`${safeJson(answer.json ?? null)}\n`);
  else for (const line of answer.lines) screen.line(line);
  return answer.exitCode ?? exitCodes.good;
}

function printFailure(options: CliOptions, screen: Screen, t: Translate, failure: Failure): number {
  const sentence = sayFailure(t, failure);
  if (screen.isJson) options.out.write(`${safeJson({ error: { ...failure, sentence } })}\n`);
  else screen.note(sentence);
  return exitCodeOf(failure);
}

function printUsage(options: CliOptions, screen: Screen, t: Translate, error: UsageError): number {
  const sentence = t.say(error.key, error.parameters);
  if (screen.isJson) options.out.write(`${safeJson({ error: { code: 'USAGE', parameters: error.parameters, sentence } })}\n`);
  else {
    screen.note(sentence);
    screen.note(t('cli.usage.help'));
  }
  return exitCodes.usage;
}

/** What takes something away is asked for once more, and refused where nobody can be asked. */
async function confirm(options: CliOptions, t: Translate, { command, typed }: Parsed): Promise<boolean> {
  if (command.kind !== 'call' || command.danger === undefined || typed.has('yes') || typed.has('dry-run')) return true;
  const { question, argument } = command.danger;
  if (options.ask === undefined) throw new UsageError('cli.usage.yes');
  const said = t.say(question, { name: argument === undefined ? '' : typed.argument(argument) });
  return yes.test((await options.ask(`${said} ${t('cli.confirm.choices')} `)).trim());
}

async function perform(options: CliOptions, screen: Screen, t: Translate, parsed: Parsed, homes: readonly string[]): Promise<Answer> {
  const { command, typed } = parsed;
  const key = typed.text('request-key') ?? `cli-${randomUUID()}`;
  if (!requestKey.safeParse(key).success) throw new UsageError('cli.usage.value', { option: '--request-key' });
  const base: Omit<Call, 'client' | 'link' | 'home'> = {
    typed,
    requestKey: key,
    screen,
    t,
    signal: options.signal,
    readInput: options.readInput,
  };
  if (command.kind === 'search') return command.run(base, homes);
  const { home, link } = await findProgram(homes);
  if (!(await confirm(options, t, parsed)))
    return { json: { isConfirmed: false }, lines: [t('cli.confirm.kept')], exitCode: exitCodes.refused };
  return command.run({ ...base, home, link, client: connect(link) });
}

/** One invocation of `farm`; answers with its exit code. Prints everything through the terminals it was given. */
export async function runCli(options: CliOptions, table: readonly Command[] = commands): Promise<number> {
  const { words, environment } = options;
  const t = translateFor(chooseLanguage(peek(words, 'language'), environment));
  const hasColour = !environment.NO_COLOR && environment.TERM !== 'dumb';
  const screen = createScreen({ out: options.out, error: options.error, isJson: words.includes('--json'), hasColour });
  let homes: readonly string[] = [];
  try {
    const wanted = parse(words, table);
    if (wanted.kind === 'help') {
      const lines = helpLines(t, wanted.commands, wanted.commands.length === table.length);
      return print(options, screen, { json: { help: lines.join('\n').replace(/[\ue000-\ue006]/g, '') }, lines });
    }
    homes = homesToLookIn({ home: wanted.parsed.typed.text('home'), environment });
    return print(options, screen, await perform(options, screen, t, wanted.parsed, homes));
  } catch (error) {
    screen.settle(true);
    const wrongInput = inputProblem(error);
    if (wrongInput !== undefined) return printUsage(options, screen, t, new UsageError('cli.usage.input', { problem: wrongInput }));
    if (error instanceof UsageError) return printUsage(options, screen, t, error);
    // 128 + SIGINT, as shells have it.
    if (options.signal.aborted) return 130;
    const failure = failureOf(error, homes[0] ?? '');
    if (failure !== undefined) return printFailure(options, screen, t, failure);
    const system = error instanceof Error && 'code' in error && 'path' in error ? fileFailure(error) : undefined;
    if (system !== undefined) return printFailure(options, screen, t, system);
    screen.note(t('cli.bug', { problem: error instanceof Error ? error.message : String(error) }));
    if (screen.isJson) options.out.write(`${safeJson({ error: { code: 'INTERNAL', parameters: {} } })}\n`);
    return exitCodes.failed;
  }
}

/** A file that the person named cannot be read or written. */
function fileFailure(error: Error & { readonly code: unknown; readonly path: unknown }): Failure {
  const { code, parameters } = new FarmError('NOT_PERMITTED_BY_OS', { what: `${String(error.path)} (${String(error.code)})` });
  return { code, parameters: { ...parameters } };
}
