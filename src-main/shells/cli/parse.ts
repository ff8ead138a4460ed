import { parseArgs } from 'node:util';
import type { Command, OptionSpec, Typed } from './command.ts';
import { UsageError } from './failures.ts';

/** Options that every command takes. */
export const everywhere = {
  home: { type: 'string', value: 'FOLDER', summary: 'cli.option.home' },
  json: { type: 'boolean', summary: 'cli.option.json' },
  language: { type: 'string', value: 'en|ru', summary: 'cli.option.language' },
  'request-key': { type: 'string', value: 'KEY', summary: 'cli.option.requestKey' },
  yes: { type: 'boolean', summary: 'cli.option.yes' },
  help: { type: 'boolean', summary: 'cli.option.help' },
} as const satisfies Record<string, OptionSpec>;

export type Parsed = { readonly command: Command; readonly typed: Typed };
export type Wanted =
  | { readonly kind: 'run'; readonly parsed: Parsed }
  /** Help for all, for one area, or for one command. */
  | { readonly kind: 'help'; readonly commands: readonly Command[] };

/** The value of a global option, before anything is known of the command: errors must be said in the right language, and as JSON. */
export function peek(words: readonly string[], name: 'language'): string | undefined {
  const index = words.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = words[index];
  return word?.includes('=') ? word.slice(word.indexOf('=') + 1) : index < 0 ? undefined : words[index + 1];
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h' || word === 'help';
}

/** `farm --json status` is `farm status --json`. */
function areaFirst(words: readonly string[]): readonly string[] {
  let at = 0;
  while (words[at]?.startsWith('--') === true && !isHelp(words[at] ?? '')) {
    const spec: OptionSpec | undefined = everywhere[(words[at] ?? '').slice(2) as keyof typeof everywhere];
    at += spec?.type === 'string' ? 2 : 1;
  }
  return at >= words.length ? words : [...words.slice(at), ...words.slice(0, at)];
}

/** Finds the command by its first words, and checks what follows against its table. Throws `UsageError`. */
export function parse(typed: readonly string[], commands: readonly Command[]): Wanted {
  const words = areaFirst(typed);
  const [area, verb] = words;
  if (area === undefined || isHelp(area)) return { kind: 'help', commands };
  const ofArea = commands.filter((command) => command.area === area);
  const [first] = ofArea;
  if (first === undefined) throw new UsageError('cli.usage.area', { area });
  if (first.verb === '') return withTyped(first, words.slice(1));
  if (verb === undefined || isHelp(verb)) return { kind: 'help', commands: ofArea };
  const command = ofArea.find((one) => one.verb === verb);
  if (command === undefined) throw new UsageError('cli.usage.verb', { area, verb });
  return withTyped(command, words.slice(2));
}

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

function read(specs: Readonly<Record<string, OptionSpec>>, words: readonly string[]): { values: Values; positionals: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { type: spec.type, multiple: spec.isMany === true, ...(name === 'help' ? { short: 'h' } : {}) },
    ]),
  );
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const name = /'(?:-\w, )?(--?[\w-]+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
    throw new UsageError(specs[name.replace(/^--/, '')] === undefined ? 'cli.usage.option' : 'cli.usage.value', { option: name });
  }
}

function withTyped(command: Command, words: readonly string[]): Wanted {
  const specs: Readonly<Record<string, OptionSpec>> = { ...command.options, ...everywhere };
  const { values, positionals } = read(specs, words);
  if (values.help === true) return { kind: 'help', commands: [command] };
  const wanted = command.arguments ?? [];
  if (positionals.length > wanted.length) throw new UsageError('cli.usage.tooMany', { word: positionals[wanted.length] ?? '' });
  const missing = wanted[positionals.length];
  if (missing !== undefined && missing.isOptional !== true) throw new UsageError('cli.usage.argument', { name: missing.name });
  for (const [name, spec] of Object.entries(specs))
    if (spec.isNeeded === true && values[name] === undefined) throw new UsageError('cli.usage.needed', { option: `--${name}` });
  const optionalArgument = (name: string): string | undefined => positionals[wanted.findIndex((spec) => spec.name === name)];
  const typed: Typed = {
    optionalArgument,
    argument: (name) => optionalArgument(name) ?? '',
    text: (name) => {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    all: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    has: (name) => values[name] === true,
  };
  return { kind: 'run', parsed: { command, typed } };
}

/** A whole number within bounds. Throws `UsageError`. */
export function numberOf(typed: Typed, name: string, bounds: { readonly least: number; readonly most: number }): number | undefined {
  const text = typed.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < bounds.least || value > bounds.most)
    throw new UsageError('cli.usage.number', { option: `--${name}`, ...bounds });
  return value;
}

/** One of a few words. Throws `UsageError`. */
export function oneOf<Choice extends string>(typed: Typed, name: string, choices: readonly Choice[]): Choice | undefined {
  const text = typed.text(name);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError('cli.usage.choice', { option: `--${name}`, choices: choices.join(', ') });
  return found;
}
