import type { Translate } from '#words/translate.ts';
import { facts } from './columns.ts';
import type { Command, OptionSpec } from './command.ts';
import { everywhere } from './parse.ts';
import { strong } from './style.ts';

const optionLabel = (name: string, spec: OptionSpec): string => `  --${name}${spec.value === undefined ? '' : ` ${spec.value}`}`;

const summaryOf = (t: Translate, { summary }: OptionSpec): string => (typeof summary === 'function' ? summary(t) : t.say(summary));

function usageOf(command: Command): string {
  const words = (command.arguments ?? []).map((one) => (one.isOptional === true ? `[${one.name.toUpperCase()}]` : one.name.toUpperCase()));
  const needed = Object.entries(command.options ?? {}).flatMap(([name, spec]) =>
    spec.isNeeded === true ? [`--${name} ${spec.value ?? ''}`] : [],
  );
  return ['farm', command.area, command.verb, ...words, ...needed].filter((word) => word !== '').join(' ');
}

function optionLines(t: Translate, options: Readonly<Record<string, OptionSpec>>): string[] {
  return facts(Object.entries(options).map(([name, spec]) => [optionLabel(name, spec), summaryOf(t, spec)] as const));
}

function oneCommand(t: Translate, command: Command): string[] {
  const own = command.options ?? {};
  return [
    strong(usageOf(command)),
    t.say(command.summary),
    ...(Object.keys(own).length === 0 ? [] : ['', strong(t('cli.help.options')), ...optionLines(t, own)]),
    '',
    strong(t('cli.help.everywhere')),
    ...optionLines(t, everywhere),
  ];
}

/** Help is made from the table of commands, so that it cannot lie. */
export function helpLines(t: Translate, commands: readonly Command[], isAll: boolean): string[] {
  const [only, ...others] = commands;
  if (only !== undefined && others.length === 0) return oneCommand(t, only);
  return [
    strong(t('cli.help.usage')),
    ...(isAll ? [t('cli.help.says')] : []),
    '',
    ...facts(commands.map((command) => [`  ${usageOf(command)}`, t.say(command.summary)] as const)),
    '',
    strong(t('cli.help.everywhere')),
    ...optionLines(t, everywhere),
    '',
    t('cli.help.exitCodes'),
  ];
}
