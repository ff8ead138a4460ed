import type { CertificateView } from '#contract/api/certificates.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { Failure } from '#contract/errors.ts';
import type { HomeSpace } from './home-space.ts';

/** Faults of the program itself since it began to run: the newest by its reference, and how many there were. */
export type ProgramFault = { readonly reference: string; readonly count: number; readonly atMs: number };

/** Something that should be on a server and could not be put in order; it is tried again. */
export type ServerPart = {
  readonly serverId: string;
  readonly kind: 'certificate' | 'route' | 'package';
  /** As people know it. Empty where not even the look succeeded. */
  readonly name: string;
  readonly failure: Failure;
  readonly sinceMs: number;
};

export type JudgedCertificate = Omit<CertificateView, 'servers'>;

/** The farm as windows see it: what alerts are judged by. */
export type AlertViews = {
  /** Empty before there is a farm. */
  readonly farmId: string;
  readonly servers: readonly ServerView[];
  readonly instances: readonly InstanceView[];
  /** Those that have not ended, at least. */
  readonly jobs: readonly JobView[];
  /** Without the servers that have them: nothing is judged by those. */
  readonly certificates: readonly JudgedCertificate[];
};

/** What is known beside the views; never waits. */
export type AlertSigns = {
  readonly drifts: readonly ServerPart[];
  /** False until everything on that server was gone through once by this core: what is not in `drifts` may still come. */
  readonly isInOrderKnown: (serverId: string) => boolean;
  /** The newest fault of the program itself that nobody was told of in an answer. */
  readonly fault: ProgramFault | undefined;
  readonly home: HomeSpace;
  /** Since when this program's own name server does not answer; undefined while it does, and where no domain uses it. */
  readonly nameServerSilentSinceMs: number | undefined;
};
export type AlertSources = AlertViews & AlertSigns;

/**
 * Gathers the views, looks at them and answers with what is to be told: worst first, then newest. One look after another, so that older views never come
 * after newer ones. Remembers what opened and closed; repeatable. Throws only what gathering threw.
 */
export type LookForAlerts = <Views extends AlertViews>(
  gather: () => Promise<Views>,
) => Promise<{ readonly views: Views; readonly alerts: readonly Alert[] }>;
