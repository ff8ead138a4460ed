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
    steps: ['row', 'records'],
    onFailure: 'wait',
    resume: 'ask',
    aim: 'changes',
  },
} as const satisfies Readonly<Record<string, JobRow>>;

export type JobType = keyof typeof jobCatalogue;
export type StepName<T extends JobType = JobType> = (typeof jobCatalogue)[T]['steps'][number];
export const jobTypes = Object.keys(jobCatalogue) as [JobType, ...JobType[]];
