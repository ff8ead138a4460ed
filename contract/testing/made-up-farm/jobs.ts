import { type JobState, type JobView, jobView, type RehearsedChange, type StepView } from '../../api/jobs.ts';
import { jobCatalogue, type JobRow, type JobType, type StepName } from '../../catalogue/jobs.ts';
import type { Failure } from '../../errors.ts';
import { instanceIdOf } from './instances.ts';
import { serverIdOf, serverNameOf } from './servers.ts';
import { MINUTE_MS, NOW_MS, SECOND_MS, uuid } from './numbers.ts';

type JobPlan = {
  readonly number: number;
  readonly type: JobType;
  readonly name: string;
  readonly state: JobState;
  readonly agoMs: number;
  /** The step where it stands; all before are done. */
  readonly at?: number;
  readonly failure?: Failure;
  readonly waiting?: StepView['waiting'];
  readonly traces?: JobView['traces'];
  readonly actor?: JobView['actor'];
  /** Another than the instance of its number. */
  readonly subject?: JobView['subject'];
};

const stepMs = [90, 110, 240, 20, 880, 1_830, 310, 1_220, 40];
export const jobIdOf = (number: number): string => uuid(4, number);

function stepOf(plan: JobPlan, name: string, index: number, startMs: number): StepView {
  const at = plan.at ?? Number.POSITIVE_INFINITY;
  const begun = startMs + stepMs.slice(0, index).reduce((sum, ms) => sum + ms, 0);
  const done = { name, attempts: 1, startedAtMs: begun, endedAtMs: begun + (stepMs[index] ?? 100) };
  if (plan.state === 'undone') return { ...done, state: index <= at ? 'undone' : 'waiting' };
  if (index < at) return { ...done, state: 'done' };
  if (index > at) return { name, state: 'waiting', attempts: 0 };
  if (plan.state === 'stopped') {
    return {
      name,
      state: 'failed',
      attempts: 3,
      startedAtMs: begun,
      endedAtMs: begun + 40_200,
      ...(plan.failure !== undefined && { failure: plan.failure }),
    };
  }
  if (plan.state === 'paused') return { name, state: 'waiting', attempts: 0 };
  return {
    name,
    state: 'doing',
    attempts: 1,
    startedAtMs: NOW_MS - SECOND_MS,
    ...(plan.waiting !== undefined && { waiting: plan.waiting }),
  };
}

const placement = [
  ['Larch', 5, 'best', { code: 'best', resource: 'memory', freePercent: 41, unmeasuredCount: 0, package: 'there' }],
  ['Pine', 8, 'good', { code: 'good', resource: 'memory', freePercent: 37, unmeasuredCount: 2, package: 'to-send' }],
  ['Elm', 3, 'refused', { code: 'memory', neededMegabytes: 512, leftMegabytes: 300 }],
].map(([serverName, index, verdict, reason]) => ({ serverId: serverIdOf(Number(index)), serverName, verdict, reason }));

export function makeJob(plan: JobPlan): JobView {
  const createdAtMs = NOW_MS - plan.agoMs;
  const steps = jobCatalogue[plan.type].steps.map((name, index) => stepOf(plan, name, index, createdAtMs));
  const isEnded = plan.state === 'done' || plan.state === 'undone';
  const tookMs = stepMs.reduce((sum, ms) => sum + ms, 0);
  return jobView.parse({
    id: jobIdOf(plan.number),
    type: plan.type,
    subject: plan.subject ?? { kind: 'instance', id: instanceIdOf(plan.number), name: plan.name },
    actor: plan.actor ?? { kind: 'operator', name: 'Marta Kowal' },
    state: plan.state,
    direction: plan.state === 'undone' || plan.state === 'undoing' ? 'back' : 'forward',
    steps,
    createdAtMs,
    ...(isEnded && { endedAtMs: createdAtMs + tookMs }),
    usuallyMs: 5_800,
    ...(plan.failure !== undefined && { failure: plan.failure }),
    canUndo: plan.type === 'create' || (plan.at ?? 0) < 4,
    traces: plan.traces ?? [],
    ...(plan.type === 'create' && { placement }),
  });
}

const oak = serverNameOf(7);
const leftover = (code: string, isPresent: boolean, parameters: Record<string, string | number>): JobView['traces'][number] => ({
  code,
  isPresent,
  parameters: {
    server: oak,
    port: 20_114,
    package: 'tiddlywiki 5.4.0',
    host: 'marlow.farm.example',
    name: 'marlow',
    type: 'A',
    value: '203.0.113.24',
    ...parameters,
  },
  checkedAtMs: NOW_MS - 20 * MINUTE_MS,
  witness: code === 'row' || code === 'record' ? 'core' : oak,
});
export const present = (code: string, parameters = {}): JobView['traces'][number] => leftover(code, true, parameters);
export const absent = (code: string, parameters = {}): JobView['traces'][number] => leftover(code, false, parameters);
/** Its server did not answer whoever looked. */
const unasked = (what: string): JobView['traces'][number] => ({
  ...leftover('unasked', false, { what }),
  witness: 'core',
  failure: { code: 'SERVER_UNREACHABLE', parameters: { server: oak, address: 'oak.farm.example:7443', cause: 'timeout' } },
});

export const runningJob = makeJob({
  number: 901,
  type: 'create',
  name: 'anna',
  state: 'running',
  agoMs: 4_100,
  at: 6,
  waiting: { code: 'route', parameters: { server: 'Larch' }, usuallyMs: 1_900 },
});
export const stoppedJob = makeJob({
  number: 902,
  type: 'create',
  name: 'marlow',
  state: 'stopped',
  agoMs: 21 * MINUTE_MS,
  at: 5,
  failure: { code: 'PORT_TAKEN', parameters: { port: 20_114, owner: 'SQLAGENT.EXE' } },
  traces: [present('room'), present('record'), present('folder'), present('user'), absent('process'), absent('route')],
  actor: { kind: 'token', name: 'WHMCS' },
});
const ended = [
  makeJob({
    number: 903,
    type: 'create',
    name: 'juniper',
    state: 'done',
    agoMs: 4 * MINUTE_MS,
    traces: [present('process'), present('route')],
  }),
  makeJob({
    number: 904,
    type: 'remove',
    name: 'beacon',
    state: 'done',
    agoMs: 3 * 60 * MINUTE_MS,
    traces: ['process', 'port', 'folder', 'user', 'record', 'route', 'row'].map((code) =>
      absent(code, { name: 'beacon', host: 'beacon.farm.example' }),
    ),
  }),
  makeJob({
    number: 905,
    type: 'create',
    name: 'quill',
    state: 'undone',
    agoMs: 5 * 60 * MINUTE_MS,
    at: 4,
    traces: [absent('folder'), absent('record')],
  }),
];
export const pausedJob = makeJob({
  number: 906,
  type: 'remove',
  name: 'tern',
  state: 'paused',
  agoMs: 50 * MINUTE_MS,
  at: 3,
  traces: [present('folder'), unasked('route')],
});
export const endedJobs: readonly JobView[] = ended;

/** What an act would change, as the core derives it from the parts of its job. */
export function rehearsedChanges(type: JobType, name: string): RehearsedChange[] {
  const parameters = {
    name,
    host: `${name}.farm.example`,
    server: oak,
    values: '203.0.113.11',
    application: 'TiddlyWiki',
    domain: 'farm.example',
    customer: 'Anna Lind',
    memoryMegabytes: 512,
    diskMegabytes: 2048,
    desired: 'removed',
  };
  const codes: Record<JobRow['aim'], readonly (readonly [StepName, string])[]> = {
    makes: [
      ['place', 'room-in'],
      ['dns', 'record-in'],
      ['setup', 'files-in'],
      ['start', 'process-start'],
      ['route', 'certificate-in'],
      ['route', 'route-running'],
    ],
    'takes-away': [
      ['route', 'route-out'],
      ['dns', 'record-out'],
      ['stop', 'process-stop'],
      ['folder', 'files-out'],
      ['row', 'row-out'],
    ],
    changes: [],
  };
  return codes[jobCatalogue[type].aim].map(([step, code]) => ({
    step,
    kind: code.replace(/-[a-z]+$/, ''),
    code,
    parameters,
    isCertain: code !== 'certificate-in',
    title: '',
    says: '',
  }));
}
