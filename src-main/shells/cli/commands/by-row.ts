import * as z from 'zod';
import { type BeginRequest, beginRequest } from '#contract/api/jobs.ts';
import { type ByRowType, byRowTypes, jobCatalogue, type JobCommand } from '#contract/catalogue/jobs.ts';
import { hasWords, type WordKey } from '#words/translate.ts';
import type { Answer, Call, Command, OptionSpec } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findDomain, findInstance, findServer } from '../find-objects.ts';
import { followJob, noWait } from '../follow-job.ts';
import { jobCommand } from '../job-text.ts';
import { endingOf, type Found, specialOf } from './by-row-endings.ts';
import { dryRun, rehearseAct } from './rehearse.ts';

const finders = { instanceId: findInstance, serverId: findServer, domainId: findDomain };
const isId = (field: string): field is keyof typeof finders => Object.hasOwn(finders, field);

const commandOf = (type: ByRowType): JobCommand => jobCatalogue[type].command;
const camel = (text: string): string => text.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());

type Camel<Text extends string> = Text extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Text;
type SummaryOf<T extends ByRowType> = T extends ByRowType
  ? `jobs.command.${(typeof jobCatalogue)[T]['command']['area']}.${Camel<(typeof jobCatalogue)[T]['command']['verb']>}`
  : never;
const isSummary = (key: string): key is SummaryOf<ByRowType> => hasWords(key);
/** The words of the command that a row makes: a row without them does not compile. */
function summaryOf(type: ByRowType): WordKey {
  const { area, verb } = commandOf(type);
  const key = `jobs.command.${area}.${camel(verb)}`;
  if (!isSummary(key)) throw new Error(`${key} has no words`);
  return key;
}
/** The same of what belongs to it. Throws where there are none: every command's help is shown by a test. */
function partOf(type: ByRowType, part: string): WordKey {
  const key = `${summaryOf(type)}.${camel(part)}`;
  if (!hasWords(key)) throw new Error(`${key} has no words`);
  return key;
}

type Field = { readonly name: string; readonly option: string; readonly spec: OptionSpec };

/** What a row asks beside the object of the argument, each an option. */
function fieldsOf(type: ByRowType): readonly Field[] {
  const { argument, options } = commandOf(type);
  const shape: Readonly<Record<string, z.ZodType>> = jobCatalogue[type].asks.shape;
  return Object.entries(shape).flatMap(([name, schema]): readonly Field[] => {
    if (name === argument[0]) return [];
    const option = options?.[name] ?? name.replace(/Id$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    const summary = partOf(type, option);
    if (inner instanceof z.ZodBoolean) return [{ name, option, spec: { type: 'boolean', summary } }];
    const value = isId(name) ? 'NAME' : option.toUpperCase();
    if (inner instanceof z.ZodArray) return [{ name, option, spec: { type: 'string', value, isMany: true, summary } }];
    if (!isId(name) && !(inner instanceof z.ZodString)) throw new Error(`${type}.${name}: a command line has no option of that kind`);
    return [{ name, option, spec: { type: 'string', value, summary, isNeeded: inner === schema } }];
  });
}

async function typedOf({ client, typed }: Call, { name, option, spec }: Field): Promise<unknown> {
  if (spec.type === 'boolean') return typed.has(option) || undefined;
  if (spec.isMany === true) return typed.all(option);
  const text = typed.text(option);
  return text !== undefined && isId(name) ? (await finders[name](client, text)).id : text;
}

const isNeeded = ({ spec }: Field): boolean => spec.isNeeded === true;

/** Which of the types that share a command is meant. Throws `UsageError`. */
function meant({ typed, t }: Pick<Call, 'typed' | 't'>, types: readonly ByRowType[]): ByRowType {
  const isTyped = ({ option }: Field): boolean => typed.has(option) || typed.text(option) !== undefined;
  const [first, ...others] = types;
  if (first !== undefined && others.length === 0) return first;
  const [one, other] = types.filter((type) => {
    const { flag } = commandOf(type);
    return flag === undefined ? fieldsOf(type).some((field) => isNeeded(field) && isTyped(field)) : typed.has(flag);
  });
  if (one !== undefined && other === undefined) return one;
  const choices = types.flatMap((type) => {
    const { flag } = commandOf(type);
    const needed = fieldsOf(type).filter(isNeeded);
    return flag === undefined ? needed.map(({ option, spec }) => `--${option} ${spec.value ?? ''}`.trim()) : [`--${flag}`];
  });
  throw new UsageError('cli.usage.either', { options: new Intl.ListFormat(t.language, { type: 'disjunction' }).format(choices) });
}

/** What was typed, as the core is asked. Throws `UsageError` and `NOT_FOUND`. */
async function actOf(call: Call, type: ByRowType): Promise<{ readonly act: BeginRequest; readonly found: Found }> {
  const [field, argument] = commandOf(type).argument;
  const { find, fill } = specialOf(type);
  const wanted = call.typed.argument(argument);
  const found: Found = await (find === undefined ? finders[field](call.client, wanted) : find(call, wanted));
  const typed = await Promise.all(fieldsOf(type).map(async (one) => [one.name, await typedOf(call, one)] as const));
  const read = beginRequest.safeParse({ type, [field]: found.id, ...Object.fromEntries(typed), ...fill?.(call, found) });
  if (!read.success) throw new UsageError('cli.usage.input', { problem: z.prettifyError(read.error) });
  return { act: read.data, found };
}

async function run(call: Call, types: readonly ByRowType[]): Promise<Answer> {
  const type = meant(call, types);
  const { act, found } = await actOf(call, type);
  if (call.typed.has('dry-run')) return rehearseAct(call, act);
  const begun = await call.client.jobs.begin({ act, requestKey: call.requestKey });
  if (call.typed.has('no-wait'))
    return { json: { job: begun }, lines: [call.t('cli.job.follow', { command: jobCommand('watch', begun) })] };
  return endingOf(type)(call, await followJob(call, begun), found);
}

function toCommand(first: ByRowType, types: readonly ByRowType[]): Command {
  const { area, verb, argument, isDangerous } = commandOf(first);
  const isShared = types.length > 1;
  const options = types.flatMap((type): (readonly [string, OptionSpec])[] => {
    const { flag } = commandOf(type);
    return [
      // which of several is needed hangs on which type is meant
      ...fieldsOf(type).map(({ option, spec }) => [option, isShared ? { ...spec, isNeeded: false } : spec] as const),
      ...(flag === undefined ? [] : [[flag, { type: 'boolean', summary: partOf(type, flag) }] as const]),
    ];
  });
  return {
    kind: 'call',
    area,
    verb,
    summary: summaryOf(first),
    arguments: [{ name: argument[1] }],
    options: { ...Object.fromEntries(options), 'no-wait': noWait, 'dry-run': dryRun },
    ...(isDangerous === true ? { danger: { question: partOf(first, 'sure'), argument: argument[1] } } : {}),
    run: (call) => run(call, types),
  };
}

/** The commands of an area that follow from the rows of the catalogue: each can be rehearsed, and each need not be waited for. */
export function commandsByRow(area: JobCommand['area']): readonly Command[] {
  const byVerb = Map.groupBy(
    byRowTypes.filter((type) => commandOf(type).area === area),
    (type) => commandOf(type).verb,
  );
  return [...byVerb.values()].flatMap((types) => types.slice(0, 1).map((first) => toCommand(first, types)));
}
