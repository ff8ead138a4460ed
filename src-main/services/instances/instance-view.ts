import type { InstanceView } from '#contract/api/instances.ts';
import { isEndedState, type JobView } from '#contract/api/jobs.ts';
import type { Language } from '#contract/ids.ts';
import { localizedText } from '#contract/localized-text.ts';
import type { Localized } from '#contract/package-manifest.ts';
import type { Customer } from '../../model/customers/customer.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import { beganAtMs, instanceStateOf } from '../../model/instances/condition.ts';
import { urlOf } from '../../model/instances/address.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { Plan } from '../../model/plans/plan.ts';
import type { Server } from '../../model/servers/server.ts';
import type { LiveInstance } from '../../ports/agents.ts';

export type ViewSources = {
  readonly row: Instance;
  readonly customer: Customer | undefined;
  readonly domain: FarmDomain | undefined;
  readonly server: Server | undefined;
  readonly plan: Plan | undefined;
  readonly packageName: Localized | undefined;
  readonly job: JobView | undefined;
  readonly live: LiveInstance | undefined;
  readonly isServerConnected: boolean;
  readonly isFollowed: boolean;
  readonly isEdgeDark: boolean;
  readonly language: Language;
  readonly nowMs: number;
};

const noLimits = { memoryBytes: 0, cpuMillicores: 0, diskBytes: 0 };

/** The name in the farm's language, and in all, of which each reader takes their own. */
function namesOf(text: Localized | undefined, language: Language, fallback: string): { readonly name: string; readonly names?: Localized } {
  return text === undefined ? { name: fallback } : { name: localizedText(text, language), names: text };
}

type Measured = Pick<InstanceView, 'seenAtMs' | 'answerMs' | 'cpuMillicores' | 'memoryBytes' | 'diskBytes' | 'restarts' | 'startedAtMs'>;

function measuredOf(live: LiveInstance | undefined): Measured {
  if (live === undefined) return { restarts: 0 };
  const { process, answerMs, cpuMillicores, memoryBytes, diskBytes, restarts } = live.instance;
  return {
    seenAtMs: Math.round(live.seenAtMs),
    restarts,
    ...('startedAtMs' in process ? { startedAtMs: Math.round(process.startedAtMs) } : {}),
    ...(answerMs === undefined ? {} : { answerMs }),
    ...(cpuMillicores === undefined ? {} : { cpuMillicores }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(diskBytes === undefined ? {} : { diskBytes }),
  };
}

/** Does a job work on it, or wait for a person? One that is made or removed by halves belongs to its job even where nobody knows that any more. */
const isUnderJob = ({ desired }: Instance, job: JobView | undefined): boolean =>
  desired === 'made' || desired === 'removed' || (job !== undefined && !isEndedState(job.state));

/** An instance as people see it: its row, what its agent last said, and its job. `before` gives the time at which an unchanged state began. */
export function instanceViewOf(sources: ViewSources, before: InstanceView['condition'] | undefined): InstanceView {
  const { row, customer, domain, server, plan, job, live, language, nowMs } = sources;
  const domainName = domain?.name ?? '';
  const host = `${row.name}.${domainName}`;
  const condition = instanceStateOf({
    desired: row.desired,
    job,
    live: live?.instance,
    isServerConnected: sources.isServerConnected,
    isFollowed: sources.isFollowed,
    serverName: server?.name ?? '',
    isEdgeDark: sources.isEdgeDark,
  });
  const sinceMs = beganAtMs(condition.code, live?.instance) ?? (before?.code === condition.code ? before.sinceMs : nowMs);
  return {
    id: row.id,
    name: row.name,
    ...(customer === undefined ? {} : { customer: { id: customer.id, name: customer.name } }),
    domain: { id: row.domainId, name: domainName },
    host,
    url: urlOf(host, server?.facts.httpsPort),
    ...(server === undefined ? {} : { server: { id: server.id, name: server.name } }),
    package: { id: row.packageId, ...namesOf(sources.packageName, language, row.packageId), version: row.packageVersion },
    plan: { id: row.planId, key: plan?.key ?? '', ...namesOf(plan?.name, language, '') },
    limits: plan === undefined ? noLimits : { memoryBytes: plan.memoryBytes, cpuMillicores: plan.cpuMillicores, diskBytes: plan.diskBytes },
    labels: [...row.labels],
    condition: { ...condition, sinceMs },
    ...measuredOf(live),
    createdAtMs: row.createdAtMs,
    // The row keeps its last job; a job that is over works on nothing any more.
    ...(row.jobId !== null && isUnderJob(row, job) ? { jobId: row.jobId } : {}),
    isPasswordHandedOver: row.handedOverAtMs !== null,
  };
}
