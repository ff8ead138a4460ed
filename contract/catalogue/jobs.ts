/** What a job is about, and whose page shows it. */
export type JobSubjectKind = 'instance' | 'server' | 'certificate' | 'domain';

/** One row: everything that window, command line, REST and engine take from a type of job. Its words are `jobs.type.<type>` and `jobs.<type>.<step>.*`. */
export type JobRow = {
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
};

/** What a person does with an instance that is there: it takes a moment, and locks nobody out by its failure. */
const act = { subject: 'instance', permission: 'operate', onFailure: 'end', resume: 'auto', aim: 'changes' } as const;

export const jobCatalogue = {
  create: {
    subject: 'instance',
    permission: 'operate',
    steps: ['check', 'place', 'dns', 'package', 'setup', 'start', 'route', 'outside', 'handover'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'makes',
  },
  remove: {
    subject: 'instance',
    permission: 'operate',
    steps: ['check', 'route', 'dns', 'stop', 'folder', 'package', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  start: { ...act, steps: ['save', 'start', 'route', 'outside'] },
  restart: { ...act, steps: ['save', 'restart', 'route', 'outside'] },
  resume: { ...act, steps: ['save', 'start', 'route', 'outside'] },
  stop: { ...act, steps: ['save', 'page', 'stop', 'outside'] },
  suspend: { ...act, steps: ['save', 'page', 'stop', 'outside'] },
  'add-domain': {
    subject: 'domain',
    permission: 'own',
    steps: ['check', 'zone', 'certificate', 'servers', 'ready'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'makes',
  },
  'remove-domain': {
    subject: 'domain',
    permission: 'own',
    steps: ['check', 'records', 'servers', 'zone', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  'keep-wildcard': {
    subject: 'domain',
    permission: 'own',
    steps: ['save', 'record', 'rely'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'makes',
  },
  'drop-wildcard': {
    subject: 'domain',
    permission: 'own',
    steps: ['save', 'records', 'wildcard', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  'change-domain': {
    subject: 'domain',
    permission: 'own',
    steps: ['save', 'reach'],
    onFailure: 'end',
    resume: 'auto',
    aim: 'changes',
  },
  'renew-certificate': {
    subject: 'certificate',
    permission: 'own',
    steps: ['authority', 'issue', 'servers', 'old'],
    onFailure: 'end',
    resume: 'auto',
    aim: 'changes',
  },
  'remove-server': {
    subject: 'server',
    permission: 'own',
    steps: ['check', 'leave', 'row', 'proof'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'takes-away',
  },
  'join-server': {
    subject: 'server',
    permission: 'own',
    steps: ['pair', 'row', 'link', 'ready'],
    onFailure: 'back',
    resume: 'ask',
    aim: 'makes',
  },
  'address-server': {
    subject: 'server',
    permission: 'own',
    steps: ['row', 'records', 'wildcard', 'rely'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'changes',
  },
} as const satisfies Readonly<Record<string, JobRow>>;

export type JobType = keyof typeof jobCatalogue;
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
