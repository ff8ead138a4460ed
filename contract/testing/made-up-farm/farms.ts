import type { Alert, LiveSnapshot } from '../../api/monitoring.ts';
import { type FarmView, farmView } from '../../api/settings.ts';
import type { InstanceView } from '../../api/instances.ts';
import type { JobView } from '../../api/jobs.ts';
import type { ServerView } from '../../api/servers.ts';
import { endedJobs, pausedJob, makeJob, runningJob, stoppedJob } from './jobs.ts';
import { instancesOn } from './instances.ts';
import { fieldOf, makeServer, serverIdOf } from './servers.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, NOW_MS, seeded, uuid } from './numbers.ts';

/** One made-up farm as a core would hold it. */
export type Farm = {
  readonly farm: FarmView | undefined;
  readonly demoStep: LiveSnapshot['state']['demoStep'];
  /** Whether a demo farm can be made on the computer on which the core runs. */
  readonly canDemo: boolean;
  readonly demoFailure?: LiveSnapshot['state']['demoFailure'];
  readonly servers: readonly ServerView[];
  readonly instances: readonly InstanceView[];
  readonly jobs: readonly JobView[];
  readonly alerts: readonly Alert[];
  readonly answerSpark: readonly (number | null)[];
  /** Every question but the live snapshot and the settings is refused: how pages look when nothing can be had. */
  readonly isRefusing: boolean;
  /** The link is cut a moment after the live snapshot has come. */
  readonly isCut: boolean;
  /** The name server does not say what stands in the zone. */
  readonly isZoneSilent: boolean;
};

const farmOf = (change: Partial<FarmView> = {}): FarmView =>
  farmView.parse({
    id: uuid(1, 1),
    name: 'Brightwater',
    language: 'en',
    timeZone: 'UTC',
    createdAtMs: NOW_MS - 90 * DAY_MS,
    isDemo: false,
    defaultDomain: 'farm.example',
    ...change,
  });

function sparkOf(): readonly number[] {
  const random = seeded(5);
  return Array.from({ length: 60 }, (_, index) => Math.round(80 + Math.sin(index / 9) * 14 + random() * 8));
}

const nothing = {
  demoStep: 'none',
  canDemo: true,
  servers: [],
  instances: [],
  jobs: [],
  alerts: [],
  answerSpark: [],
  isRefusing: false,
  isCut: false,
  isZoneSilent: false,
} as const;

const twelve: readonly (readonly [number, number, Readonly<Record<number, string>>?])[] = [
  [19, 3],
  [18, 4, { 6: 'p' }],
  [18, 3],
  [17, 1, { 7: 'b' }],
  [18, 2, { 11: 'a' }],
  [17, 11, { 16: 'w' }],
  [18, 5, { 3: 'p' }],
  [20, 4],
  [18, 7],
  [16, 6, { 15: 'w' }],
  [18, 5],
  [15, 0, { 2: 'w' }],
];

const alert = (
  id: string,
  mark: Alert['mark'],
  code: Alert['code'],
  agoMs: number,
  target: Alert['target'],
  parameters: Alert['parameters'],
): Alert => ({
  id,
  mark,
  code,
  sinceMs: NOW_MS - agoMs,
  target,
  parameters,
});

const fourAlerts: readonly Alert[] = [
  alert('w1', 'bad', 'instance-crash-loop', 6 * MINUTE_MS, { kind: 'instance', id: uuid(3, 63) }, { name: 'kestrel', server: 'Elm' }),
  alert(
    'w2',
    'bad',
    'job-stopped',
    21 * MINUTE_MS,
    { kind: 'job', id: stoppedJob.id },
    { name: 'marlow', type: 'create', step: 6, steps: 9, failure: 'PORT_TAKEN', port: 20_114, owner: 'SQLAGENT.EXE' },
  ),
  alert(
    'w3',
    'warning',
    'server-disk',
    2 * HOUR_MS,
    { kind: 'server', id: serverIdOf(4) },
    { server: 'Hazel', percent: 91, instances: 18 },
  ),
  alert('w4', 'warning', 'certificate-ends', 0, { kind: 'certificate', id: uuid(8, 1) }, { names: '*.farm.example', days: 6 }),
];

const attention = twelve.map(([count, room, odd], index) =>
  makeServer(index, {
    field: fieldOf(count, odd),
    room,
    ...(index === 11 && { condition: { mark: 'paused', code: 'draining', parameters: {}, sinceMs: NOW_MS - HOUR_MS } as const }),
    ...(index === 4 && {
      condition: { mark: 'warning', code: 'disk', parameters: { percent: 91 }, sinceMs: NOW_MS - 2 * HOUR_MS } as const,
    }),
  }),
);
const quiet = twelve.map(([count, room], index) => makeServer(index, { field: fieldOf(count), room }));

const many = Array.from({ length: 96 }, (_, index) => {
  const isLost = index === 37;
  return makeServer(index, {
    field: fieldOf(104 + (index === 0 ? 16 : 0), {
      [(index * 13) % 104]: index % 9 === 0 ? 'b' : index % 7 === 0 ? 'a' : 'g',
      [(index * 29) % 100]: index % 6 === 0 ? 'p' : 'g',
    }),
    room: 12 + (index % 9),
    ...(isLost && {
      condition: {
        mark: 'bad',
        code: 'agent-or-network',
        parameters: { seenAtMs: NOW_MS - 6 * MINUTE_MS },
        sinceMs: NOW_MS - 6 * MINUTE_MS,
      } as const,
    }),
  });
});

const one = [makeServer(7, { field: 'g', room: 3, isSimulated: true })];

/** The states in which every screen is looked at. */
export const farms = {
  /** A home without a farm. */
  none: (): Farm => ({ ...nothing, farm: undefined }),
  /** The same on a Mac. */
  noneOnMac: (): Farm => ({ ...nothing, farm: undefined, canDemo: false }),
  /** The demo farm is being made. */
  demo: (): Farm => ({
    ...nothing,
    farm: farmOf({ name: 'Demo farm', isDemo: true, defaultDomain: 'farm.localhost' }),
    demoStep: 'pairing',
  }),
  demoFailed: (): Farm => ({
    ...nothing,
    farm: farmOf({ name: 'Demo farm', isDemo: true, defaultDomain: '' }),
    demoStep: 'failed',
    demoFailure: { act: 'start', step: 'agents', failure: { code: 'PORT_TAKEN', parameters: { port: 8443, owner: 'nginx' } } },
  }),
  empty: (): Farm => ({ ...nothing, farm: farmOf({ defaultDomain: '' }) }),
  one: (): Farm => ({
    ...nothing,
    farm: farmOf({ name: 'Demo farm', isDemo: true, defaultDomain: 'farm.localhost' }),
    demoStep: 'ready',
    servers: one,
    instances: instancesOn(one),
    jobs: endedJobs.slice(0, 1),
    answerSpark: sparkOf(),
  }),
  quiet: (): Farm => ({
    ...nothing,
    farm: farmOf(),
    servers: quiet,
    instances: instancesOn(quiet),
    jobs: endedJobs,
    answerSpark: sparkOf(),
  }),
  silentZone: (): Farm => ({ ...farms.quiet(), isZoneSilent: true }),
  attention: (): Farm => ({
    ...nothing,
    farm: farmOf(),
    servers: attention,
    instances: instancesOn(attention),
    jobs: [runningJob, stoppedJob, pausedJob, ...endedJobs],
    alerts: fourAlerts,
    answerSpark: sparkOf(),
  }),
  many: (): Farm => ({
    ...nothing,
    farm: farmOf(),
    servers: many,
    instances: instancesOn(many),
    jobs: [
      runningJob,
      ...endedJobs,
      ...Array.from({ length: 80 }, (_, index) =>
        makeJob({
          number: 1_000 + index,
          type: index % 4 === 0 ? 'remove' : 'create',
          name: `wren-${index + 2}`,
          state: 'done',
          agoMs: (index + 6) * HOUR_MS,
        }),
      ),
    ],
    alerts: [
      alert('w5', 'bad', 'server-network', 6 * MINUTE_MS, { kind: 'server', id: serverIdOf(37) }, { server: 'Birch 4', instances: 104 }),
      ...fourAlerts.slice(0, 1),
    ],
    answerSpark: sparkOf(),
  }),
  /** Nothing but the live snapshot and the settings can be had. */
  refusing: (): Farm => ({ ...farms.attention(), isRefusing: true }),
  /** The program goes away while the window is open. */
  cut: (): Farm => ({ ...farms.attention(), isCut: true }),
} as const;
export type FarmName = keyof typeof farms;
