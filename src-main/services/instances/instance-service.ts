import type { KeyedQueue } from '#kit/keyed-queue.ts';
import type { HandOver, InstancePage, InstanceView, LogPiece, PathCheck } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { DomainId, InstanceId, PackageId } from '#contract/ids.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { By } from '../../model/operators/by.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { OutsideProbe } from '../../ports/probe.ts';
import type { Log } from '../../ports/request.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { InstanceHealer, Reconcilable } from '../../ports/reconcile.ts';
import { routesOn } from './routes-on.ts';
import type { Store } from '../../ports/store.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import type { CertificateAccess, DnsAccess, PackageAccess, WriteLetter } from '../../ports/access.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import { beginCreate, type CreateRequest, foreseeCreate } from './begin-create.ts';
import { checkName, type NameVerdict } from './check-name.ts';
import { type LogEvent, type Asked as LogAsked, followLog } from './follow-log.ts';
import { handOver } from './hand-over.ts';
import { rowFor } from '../../checks/sensible-act.ts';
import { readLog } from './instance-log.ts';
import type { InstanceProjection } from './instance-projection.ts';
import { createInstanceQuery, type InstanceQuery } from './instance-query.ts';
import { walk } from '../../checks/outside.ts';
import { diagnosticPath } from '../../checks/diagnostic-path.ts';
import { siteOfRow } from '../../checks/site.ts';
import type { ParameterValues } from '../../model/instances/parameter-values.ts';
import type { InstanceRows } from '../../ports/instance-rows.ts';
import type { OutsideChecks } from '../../ports/outside-checks.ts';
import { resolveParameters } from './parameters.ts';
import { whenChanged } from './when-changed.ts';

export type InstanceServiceDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly changes: Changes;
  readonly log: Log;
  readonly agents: Agents;
  readonly probe: OutsideProbe;
  readonly engine: JobEngine;
  readonly farm: () => Farm;
  readonly projection: InstanceProjection;
  readonly rows: InstanceRows;
  readonly outsideChecks: OutsideChecks;
  readonly packages: PackageAccess;
  readonly dns: DnsAccess;
  readonly certificates: CertificateAccess;
  /** The customer's letter in their language; the words are `instances.letter.text`. */
  readonly letter: WriteLetter;
  readonly healer: InstanceHealer;
  /** Acts of an instance, and what puts it in order: one at a time. */
  readonly queued: KeyedQueue<string>['run'];
  /** From where addresses are seen: with one machine only, this computer. */
  readonly vantagePoint: () => HandOver['witness'];
};

type Found = { readonly instance: InstanceView; readonly road: PathCheck[] };

export type InstanceService = {
  readonly query: (query: InstanceQuery) => InstancePage;
  readonly watch: (query: InstanceQuery, signal?: AbortSignal) => AsyncGenerator<InstancePage, void, void>;
  readonly get: (id: InstanceId) => Found;
  /** One instance, by label or host name, now and after every change. Throws `NOT_FOUND`, also when it is removed later. */
  readonly watchOne: (name: string, signal?: AbortSignal) => AsyncGenerator<Found, void, void>;
  /** By label, or by host name. */
  readonly find: (name: string) => InstanceView;
  readonly checkName: (name: string, domainId: DomainId | undefined) => Promise<NameVerdict>;
  /** Throws `PARAMETER_INVALID`. */
  readonly checkParameters: (packageId: PackageId, parameters: ParameterValues) => Promise<void>;
  readonly create: (request: CreateRequest, by: By) => Promise<JobView>;
  readonly foreseeCreate: (request: CreateRequest) => Promise<Foreseen>;
  readonly handOver: (id: InstanceId, by: By) => Promise<HandOver>;
  readonly check: (id: InstanceId) => Promise<Found>;
  readonly log: (id: InstanceId, lines: number) => Promise<LogPiece>;
  readonly followLog: (asked: LogAsked, signal?: AbortSignal) => AsyncGenerator<LogEvent, void, void>;
  /** What a server that came back should have a route for, each with what puts it in order: the state that is wanted, which a job's lock holds off. */
  readonly routesOn: (serverId: string) => Promise<readonly Reconcilable[]>;
};

const checkTimeoutMs = 20_000;

export function createInstanceService(deps: InstanceServiceDeps): InstanceService {
  const query = createInstanceQuery(deps);
  const viewOf = (id: InstanceId): InstanceView => {
    const view = deps.projection.get(id);
    if (view === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: id });
    return view;
  };
  const found = (id: InstanceId): Found => {
    const instance = viewOf(id);
    const isMeantToRun = instance.condition.mark !== 'paused';
    return { instance, road: diagnosticPath(deps.outsideChecks.get(id), deps.agents.instance(id)?.instance, isMeantToRun) };
  };
  const find = (name: string): InstanceView => {
    const wanted = name.trim().toLowerCase();
    const first = deps.projection.all().find((view) => view.name === wanted || view.host === wanted);
    if (first === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
    return first;
  };

  return {
    query: query.page,
    watch: query.watch,
    get: found,
    find,
    watchOne: async function* (name, signal) {
      const { id } = find(name);
      let last = '';
      // what it shows hangs on servers, jobs, customers and its domain too; only other instances are none of its business
      for await (const _ of whenChanged(deps, (change) => change.kind !== 'instance' || change.id === id, signal)) {
        if (deps.projection.get(id) === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
        const next = found(id);
        const text = JSON.stringify(next);
        if (text === last) continue;
        last = text;
        yield next;
      }
    },
    checkName: (name, domainId) => checkName(deps, name, domainId),
    checkParameters: async (packageId, parameters) => {
      const { manifest } = await deps.packages.manifest(packageId);
      resolveParameters(manifest, parameters, deps.ids);
    },
    create: (request, by) => beginCreate(deps, request, by),
    foreseeCreate: (request) => foreseeCreate(deps, request),
    handOver: (id, by) => handOver(deps, id, by),
    check: async (id) => {
      const row = await rowFor(deps, id, 'check');
      const site = await siteOfRow(deps, row);
      const { manifest } = await deps.packages.manifest(row.packageId);
      // what the application's own server says comes along; when it does not answer, the check from outside still tells
      const asked = async (): Promise<void> => {
        try {
          const client = await deps.agents.client(site.server.id, 2000);
          deps.agents.saw(site.server.id, await client.instances.describe({ instanceId: id }));
        } catch (error) {
          if (!isFarmError(error)) deps.log.bug(error, { instance: id });
        }
      };
      const walked = walk(deps, site, row, manifest, AbortSignal.timeout(checkTimeoutMs));
      const [checks] = await Promise.all([walked, asked()]);
      deps.outsideChecks.put(id, checks);
      deps.changes.announce({ kind: 'instance', id });
      return found(id);
    },
    log: (id, lines) => readLog(deps, id, lines),
    followLog: (asked, signal) => followLog(deps, asked, signal),
    routesOn: (serverId) => routesOn(deps, deps.queued, serverId),
  };
}
