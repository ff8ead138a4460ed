import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { AlertCode, AlertSeverity, AlertSeverityOf, AlertSubjectKind, AlertSubjectOf } from '#contract/catalogue/alerts.ts';
import type { Failure } from '#contract/errors.ts';
import type { AlertSources, JudgedCertificate, ProgramFault, ServerPart } from '../../ports/alerts.ts';
import type { HomeSpace } from '../../ports/home-space.ts';

/** What an evaluator is given of each kind of subject. */
type SubjectViews = {
  readonly farm: HomeSpace;
  /** Undefined: no fault. */
  readonly program: ProgramFault | undefined;
  readonly server: ServerView;
  readonly 'server-part': ServerPart;
  readonly instance: InstanceView;
  readonly job: JobView;
  readonly certificate: JudgedCertificate;
};

/** It is so, and what its sentences need to say it. */
export type Raised<S extends AlertSeverity = AlertSeverity> = {
  readonly severity: S;
  readonly parameters: Alert['parameters'];
  readonly failure?: Failure;
  /** Since when it is so, where that is known of the thing itself and not of this program; UTC milliseconds of the core's clock. */
  readonly beganAtMs?: number;
};
/** What one look showed. `unknown`: it did not show that it is so, nor that it is not; the alert stays as it was. */
export type Saw<S extends AlertSeverity = AlertSeverity> = Raised<S> | 'good' | 'unknown';

/** Judges one subject for one code, from what is known. Pure. Should it throw, this code of this subject is unknown and everything else is judged. */
export type Evaluator<C extends AlertCode> = (subject: SubjectViews[AlertSubjectOf<C>], sources: AlertSources) => Saw<AlertSeverityOf<C>>;
export type Evaluators = { readonly [C in AlertCode]: Evaluator<C> };

export type Subject<K extends AlertSubjectKind = AlertSubjectKind> = {
  readonly id: string;
  /** The server on which it stands. */
  readonly parentId?: string | undefined;
  readonly target: Alert['target'];
  readonly view: SubjectViews[K];
};
export type Subjects = { readonly [K in AlertSubjectKind]: readonly Subject<K>[] };

const partId = ({ serverId, kind, name }: ServerPart): string => `${serverId}:${kind}:${name}`;
const serverOfPart = (id: string): string => id.slice(0, id.indexOf(':'));

/** Everything that alerts may be about. */
export function subjectsOf(sources: AlertSources): Subjects {
  return {
    farm: [{ id: sources.farmId, target: { kind: 'farm', id: sources.farmId }, view: sources.home }],
    program: [{ id: 'program', target: { kind: 'program', id: sources.fault?.reference ?? '' }, view: sources.fault }],
    server: sources.servers.map((view) => ({ id: view.id, target: { kind: 'server', id: view.id }, view })),
    'server-part': sources.drifts.map((view) => ({
      id: partId(view),
      parentId: view.serverId,
      target: { kind: 'server', id: view.serverId },
      view,
    })),
    instance: sources.instances.map((view) => ({
      id: view.id,
      parentId: view.server?.id,
      target: { kind: 'instance', id: view.id },
      view,
    })),
    job: sources.jobs.map((view) => ({ id: view.id, target: { kind: 'job', id: view.id }, view })),
    certificate: sources.certificates.map((view) => ({ id: view.id, target: { kind: 'certificate', id: view.id }, view })),
  };
}

/** What it means that a subject is no longer among them: it has gone, and its alerts with it. Of a part of a server only what is not in order is listed. */
export function sawAbsent(kind: AlertSubjectKind, id: string, sources: AlertSources): 'gone' | 'good' | 'unknown' {
  if (kind !== 'server-part') return 'gone';
  const serverId = serverOfPart(id);
  if (!sources.servers.some((server) => server.id === serverId)) return 'gone';
  return sources.isInOrderKnown(serverId) ? 'good' : 'unknown';
}
