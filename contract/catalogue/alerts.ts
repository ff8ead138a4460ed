import { type JobType, jobCatalogue } from './jobs.ts';

/** What an alert is about. `server-part`: something that should be on a server, a certificate, a route or a package. */
export type AlertSubjectKind = 'farm' | 'program' | 'server' | 'server-part' | 'instance' | 'job' | 'certificate';
export type AlertSeverity = 'bad' | 'warning';
/** Where the window leads to. A page of one object is that of the alert's subject. */
export type AlertPage = 'instance' | 'server' | 'job' | 'certificates' | 'domains' | 'settings';

/** One row: everything that core, window and words take from a kind of alert. Its words are `alerts.<code>.word`, `.title`, `.cause` and `.act`. */
export type AlertRow<Code extends string = string> = {
  readonly subject: AlertSubjectKind;
  /** What it may be; its evaluator says which, from the facts. */
  readonly severity: readonly AlertSeverity[];
  /** It is not told while one of these is told as bad of what it stands on: whoever mends that, mends this, or sees only then whether it is so. */
  readonly dependsOn: readonly Code[];
  /** So long it must last before it is told, in milliseconds of looks; 0: at the first look. */
  readonly visibleAfterMs: number;
  /** So many good looks in a row end it, at least a second apart: one that comes and goes stays one alert, with one beginning. */
  readonly misses: number;
  /** What mends it: a job, or a page that says more. */
  readonly cure: { readonly job: JobType } | { readonly page: AlertPage };
};

/** Nothing that stands on a server is told while it cannot be reached, serves nobody or can save nothing. */
const serverLost = ['server-agent', 'server-network', 'server-identity', 'server-clock', 'server-disk', 'server-edge'] as const;
const ofInstance = {
  subject: 'instance',
  severity: ['bad'],
  dependsOn: serverLost,
  visibleAfterMs: 0,
  cure: { page: 'instance' },
} as const;
const ofServer = { subject: 'server', dependsOn: [], visibleAfterMs: 0, cure: { page: 'server' } } as const;
const ofCertificate = { subject: 'certificate', dependsOn: [], visibleAfterMs: 0, cure: { job: 'renew-certificate' } } as const;

// What is measured again and again may flicker and takes three looks; what somebody did, or a date, is over at once.
const rows = {
  'home-disk': {
    subject: 'farm',
    severity: ['bad', 'warning'],
    dependsOn: [],
    visibleAfterMs: 0,
    misses: 1,
    cure: { page: 'settings' },
  },
  // One that ended is back within half a second as a rule: that is no news.
  'name-server': { subject: 'farm', severity: ['bad'], dependsOn: [], visibleAfterMs: 3_000, misses: 1, cure: { page: 'domains' } },
  'server-agent': { ...ofServer, severity: ['bad'], misses: 3 },
  'server-network': { ...ofServer, severity: ['bad'], misses: 3 },
  'server-identity': { ...ofServer, severity: ['bad'], misses: 1 },
  'server-clock': { ...ofServer, severity: ['bad', 'warning'], misses: 3 },
  // Its share is measured every 5 s and may lie at the limit: the looks of more than one measurement.
  'server-disk': { ...ofServer, severity: ['bad', 'warning'], misses: 7 },
  'server-edge': { ...ofServer, severity: ['bad', 'warning'], misses: 3 },
  'server-redirect': { ...ofServer, severity: ['warning'], misses: 3 },
  // Looked at every ten seconds, and what changes it is somebody's act.
  'server-isolation': { ...ofServer, severity: ['bad', 'warning'], misses: 1 },
  'server-drift': {
    subject: 'server-part',
    severity: ['warning'],
    dependsOn: serverLost,
    visibleAfterMs: 0,
    misses: 1,
    cure: { page: 'server' },
  },
  'instance-missing': { ...ofInstance, misses: 3 },
  'instance-down': { ...ofInstance, misses: 3 },
  'instance-crash-loop': { ...ofInstance, misses: 3 },
  'instance-unhealthy': { ...ofInstance, severity: ['bad', 'warning'], misses: 3 },
  // A walk tells it, and the next comes after ten minutes at the latest: one look is as good as three.
  'instance-disk': { ...ofInstance, severity: ['bad', 'warning'], misses: 1 },
  'job-stopped': { subject: 'job', severity: ['bad'], dependsOn: [], visibleAfterMs: 0, misses: 1, cure: { page: 'job' } },
  'certificate-ends': { ...ofCertificate, severity: ['warning'], misses: 1 },
  'certificate-ended': { ...ofCertificate, severity: ['bad'], misses: 1 },
  'program-fault': { subject: 'program', severity: ['warning'], dependsOn: [], visibleAfterMs: 0, misses: 1, cure: { page: 'settings' } },
} as const satisfies Readonly<Record<string, AlertRow>>;

export type AlertCode = keyof typeof rows;
/** Every kind of alert. That `dependsOn` names codes which exist does not compile otherwise. */
export const alertCatalogue = rows satisfies Readonly<Record<AlertCode, AlertRow<AlertCode>>>;
export const alertCodes = Object.keys(alertCatalogue) as [AlertCode, ...AlertCode[]];
export const isAlertCode = (code: string): code is AlertCode => Object.hasOwn(alertCatalogue, code);

export type AlertSubjectOf<C extends AlertCode> = (typeof alertCatalogue)[C]['subject'];
export type AlertSeverityOf<C extends AlertCode> = (typeof alertCatalogue)[C]['severity'][number];

/** What an alert leads to, by its subject: a part of a server leads to the server. */
export const alertTargetKinds = ['instance', 'server', 'job', 'certificate', 'program', 'farm'] as const;
export type AlertTargetKind = (typeof alertTargetKinds)[number];

const pageOfSubject = { instance: 'instance', server: 'server', certificate: 'certificates', domain: 'domains' } as const;
/** The page where an alert's cure is: that of the subject of its job, where a job cures it. */
export function curePageOf(code: AlertCode): AlertPage {
  const { cure }: AlertRow = alertCatalogue[code];
  return 'page' in cure ? cure.page : pageOfSubject[jobCatalogue[cure.job].subject];
}
