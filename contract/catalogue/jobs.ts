import * as z from 'zod';
import { customerId, domainId, instanceId, packageId, planId, serverId } from '../ids.ts';
import { dnsKind } from './providers.ts';
import { line } from '../plain-text.ts';

/** What a job is about, and whose page shows it. */
export type JobSubjectKind = 'instance' | 'server' | 'certificate' | 'domain';

/**
 * The command of a type that begins by its row: `farm <area> <verb> NAME`. Its help is `jobs.command.<area>.<verb>`, that of an option
 * `jobs.command.<area>.<verb>.<option>`, and where it is asked for a yes the question is `jobs.command.<area>.<verb>.sure`.
 */
export type JobCommand<Field extends string = string> = {
  readonly area: 'instances' | 'servers' | 'domains' | 'certificates';
  readonly verb: string;
  /** The field whose object the argument names; what the help calls the argument. */
  readonly argument: readonly [field: Field & ('instanceId' | 'serverId' | 'domainId'), name: string];
  /** The options of the other fields, where the field's own name would not do: `serverId` is `--server`. */
  readonly options?: { readonly [F in Field]?: string };
  /** Types that share a command: this one is meant where that option is typed. */
  readonly flag?: string;
  readonly isDangerous?: true;
};

/** How a type is begun: by `jobs.begin` and a command that follow from the row, or, because it asks for a secret or much beside, by a procedure and a form of its own. */
type Beginning = { readonly begins: 'own-form' } | { readonly begins: 'by-row'; readonly command: JobCommand };

/** One row: everything that window, command line, REST and engine take from a type of job. Its words are `jobs.type.<type>` and `jobs.<type>.<step>.*`. */
export type JobRow = Beginning & {
  /** What is asked of whoever wants it done, or said: ids and plain options, never a secret. Its rehearsal asks the same. */
  readonly asks: z.ZodObject;
  readonly subject: JobSubjectKind;
  readonly permission: 'operate' | 'own';
  /** In order; several parts may share a step. */
  readonly steps: readonly string[];
  /**
   * `wait`: it stops with two buttons. `back`: it is undone by itself. `end`: it has ended as failed; the row says what is desired, nobody is locked
   * out, and what is not so yet is drift.
   */
  readonly onFailure: 'wait' | 'back' | 'end';
  /** After the core died in the middle of it: it goes on by itself, or a person chooses. */
  readonly resume: 'auto' | 'ask';
  /** What it is for: something that is there afterwards, something that has gone (it ends with a proof), or what is there is otherwise. */
  readonly aim: 'makes' | 'takes-away' | 'changes';
  /** Possible on a full disk too, like everything that takes away. */
  readonly isSparing?: true;
};

const byRow = <S extends z.ZodRawShape, const C extends JobCommand<keyof S & string>>(asks: z.ZodObject<S>, command: C) =>
  ({ begins: 'by-row', asks, command }) as const;
const ownForm = <S extends z.ZodRawShape>(asks: z.ZodObject<S>) => ({ begins: 'own-form', asks }) as const;

const onInstance = z.object({ instanceId });
const onDomain = z.object({ domainId });

/** What a person does with an instance that is there: it takes a moment, and locks nobody out by its failure. */
const act = <const Verb extends string>(verb: Verb) =>
  ({
    subject: 'instance',
    permission: 'operate',
    onFailure: 'end',
    resume: 'auto',
    aim: 'changes',
    ...byRow(onInstance, { area: 'instances', verb, argument: ['instanceId', 'name'] }),
  }) as const;

export const jobCatalogue = {
  create: {
    ...ownForm(
      z.object({
        name: z.string().max(260),
        packageId,
        planId: planId.optional(),
        domainId: domainId.optional(),
        serverId: serverId.optional(),
        customer: z
          .object({ id: customerId.optional(), name: line.max(200).default(''), externalReference: line.max(200).optional() })
          .optional(),
      }),
    ),
    subject: 'instance',
    permission: 'operate',
    steps: ['check', 'place', 'dns', 'package', 'setup', 'start', 'route', 'outside', 'handover'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'makes',
  },
  remove: {
    ...byRow(onInstance, { area: 'instances', verb: 'remove', argument: ['instanceId', 'name'], isDangerous: true }),
    subject: 'instance',
    permission: 'operate',
    steps: ['check', 'route', 'dns', 'stop', 'folder', 'package', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  start: { ...act('start'), steps: ['save', 'start', 'route', 'outside'] },
  restart: { ...act('restart'), steps: ['save', 'restart', 'route', 'outside'] },
  resume: { ...act('resume'), steps: ['save', 'start', 'route', 'outside'] },
  stop: { ...act('stop'), steps: ['save', 'page', 'stop', 'outside'], isSparing: true },
  suspend: { ...act('suspend'), steps: ['save', 'page', 'stop', 'outside'], isSparing: true },
  'add-domain': {
    ...ownForm(z.object({ name: line.min(1).max(253), kind: dnsKind })),
    subject: 'domain',
    permission: 'own',
    steps: ['check', 'zone', 'certificate', 'servers', 'ready'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'makes',
  },
  'remove-domain': {
    ...byRow(onDomain, { area: 'domains', verb: 'remove', argument: ['domainId', 'domain'], isDangerous: true }),
    subject: 'domain',
    permission: 'own',
    steps: ['check', 'records', 'servers', 'zone', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  'keep-wildcard': {
    ...byRow(z.object({ domainId, serverId }), { area: 'domains', verb: 'wildcard', argument: ['domainId', 'domain'] }),
    subject: 'domain',
    permission: 'own',
    steps: ['save', 'record', 'rely'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'makes',
  },
  'drop-wildcard': {
    ...byRow(onDomain, { area: 'domains', verb: 'wildcard', argument: ['domainId', 'domain'], flag: 'off' }),
    subject: 'domain',
    permission: 'own',
    steps: ['save', 'records', 'wildcard', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  'change-domain': {
    ...ownForm(onDomain),
    subject: 'domain',
    permission: 'own',
    steps: ['save', 'reach'],
    onFailure: 'end',
    resume: 'auto',
    aim: 'changes',
  },
  'renew-certificate': {
    ...byRow(onDomain, { area: 'certificates', verb: 'renew', argument: ['domainId', 'certificate'] }),
    subject: 'certificate',
    permission: 'own',
    steps: ['authority', 'issue', 'servers', 'old'],
    onFailure: 'end',
    resume: 'auto',
    aim: 'changes',
  },
  'remove-server': {
    ...byRow(z.object({ serverId, isGivenUp: z.boolean().optional() }), {
      area: 'servers',
      verb: 'remove',
      argument: ['serverId', 'name'],
      options: { isGivenUp: 'give-up' },
      isDangerous: true,
    }),
    subject: 'server',
    permission: 'own',
    steps: ['check', 'leave', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  'join-server': {
    ...ownForm(z.object({ address: line.min(1).max(260), name: line.min(1).max(60) })),
    subject: 'server',
    permission: 'own',
    steps: ['pair', 'row', 'link', 'ready'],
    onFailure: 'back',
    resume: 'ask',
    aim: 'makes',
  },
  'address-server': {
    ...byRow(z.object({ serverId, publicAddresses: z.array(line.max(260)).max(100) }), {
      area: 'servers',
      verb: 'confirm',
      argument: ['serverId', 'name'],
      options: { publicAddresses: 'address' },
    }),
    subject: 'server',
    permission: 'own',
    steps: ['row', 'records', 'wildcard', 'rely'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'changes',
  },
} as const satisfies Readonly<Record<string, JobRow>>;

export type JobCatalogue = typeof jobCatalogue;
export type JobType = keyof JobCatalogue;
export type StepName<T extends JobType = JobType> = (typeof jobCatalogue)[T]['steps'][number];
/** What a person does with an instance that is there. */
export const runActs = ['start', 'restart', 'resume', 'stop', 'suspend'] as const satisfies readonly JobType[];
export type RunAct = (typeof runActs)[number];
/** What a type of job is for, by its row: `aimsAt(type, 'makes', 'instance')` is whatever brings an instance about. */
export const aimsAt = (type: JobType, aim: JobRow['aim'], subject: JobSubjectKind): boolean =>
  jobCatalogue[type].aim === aim && jobCatalogue[type].subject === subject;
export type JobTypeAbout<Subject extends JobSubjectKind> = {
  [T in JobType]: (typeof jobCatalogue)[T]['subject'] extends Subject ? T : never;
}[JobType];
/** Small jobs, many a day: lists and counts keep them apart from what makes and takes away. */
export const isSmallJob = (type: JobType): boolean => jobCatalogue[type].aim === 'changes';
export const jobTypes = Object.keys(jobCatalogue) as [JobType, ...JobType[]];

/** Types that are begun by what their row asks. */
export type ByRowType = { [T in JobType]: (typeof jobCatalogue)[T]['begins'] extends 'by-row' ? T : never }[JobType];
export type OwnFormType = Exclude<JobType, ByRowType>;
export const isByRow = (type: JobType): type is ByRowType => jobCatalogue[type].begins === 'by-row';
export const byRowTypes = jobTypes.filter(isByRow);
/** What is asked for a type, read. */
export type AskedOf<T extends JobType> = z.infer<(typeof jobCatalogue)[T]['asks']>;
/** Possible on a full disk: the room that is kept back is for starting and for this. */
export const isSparing = (type: JobType): boolean => {
  const row: JobRow = jobCatalogue[type];
  return row.aim === 'takes-away' || row.isSparing === true;
};
