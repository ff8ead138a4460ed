import type { JobView } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import {
  type CustomerId,
  customerId as customerIdSchema,
  type DomainId,
  instanceId as instanceIdSchema,
  type Language,
  type PackageId,
  type PlanId,
  type ServerId,
} from '#contract/ids.ts';
import { broughtBy } from '../../checks/brought.ts';
import { domainStateOf } from '../../checks/domain-state.ts';
import type { Customer } from '../../model/customers/customer.ts';
import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { Instance } from '../../model/instances/instance.ts';
import { checkLabel, nameError } from '../../model/instances/names.ts';
import type { By } from '../../model/operators/by.ts';
import type { Plan } from '../../model/plans/plan.ts';
import { PlanOutdated } from '../../ports/job-plan.ts';
import type { Tables } from '../../ports/store.ts';
import { foreignNameError } from './foreign-name.ts';
import { localizedText } from '#contract/localized-text.ts';
import { type ParameterValues, secretContext } from '../../model/instances/parameter-values.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { InstanceServiceDeps } from './instance-service.ts';
import { resolveParameters } from './parameters.ts';

export type CreateRequest = {
  readonly name: string;
  readonly packageId: PackageId;
  readonly planId?: PlanId | undefined;
  readonly domainId?: DomainId | undefined;
  readonly serverId?: ServerId | undefined;
  readonly customer?:
    | {
        readonly id?: CustomerId | undefined;
        readonly name: string;
        readonly contact?: string | undefined;
        readonly language?: Language | undefined;
        readonly externalReference?: string | undefined;
      }
    | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly parameters?: ParameterValues | undefined;
};

type Deps = Pick<InstanceServiceDeps, 'store' | 'clock' | 'ids' | 'secrets' | 'farm' | 'packages' | 'engine' | 'rows' | 'changes' | 'dns'>;

const megabyte = 1024 * 1024;
/** So often other creates may bring or take away its customer in the middle of it. */
const mostTries = 5;
/** How long a create waits to hear whether somebody else has the name; its step *DNS record* asks again, with patience. */
const dnsLimitMs = 2000;

/** The domain that was asked for, else the farm's own. */
export async function domainFor(deps: Pick<Deps, 'store' | 'farm'>, wanted: DomainId | undefined): Promise<FarmDomain> {
  const all = await deps.store.domains.find({ farmId: deps.farm().id });
  const found = wanted === undefined ? (all.find((domain) => domain.isDefault) ?? all[0]) : all.find((domain) => domain.id === wanted);
  if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: wanted ?? '' });
  return found;
}

async function planFor(deps: Deps, packageId: PackageId, wanted: PlanId | undefined): Promise<Plan> {
  if (wanted !== undefined) {
    const plan = await deps.store.plans.get(wanted);
    if (plan === undefined) throw new FarmError('NOT_FOUND', { kind: 'plan', name: wanted });
    if (plan.packageId !== packageId) throw new FarmError('PLAN_NOT_OF_PACKAGE', { plan: plan.key, packageId });
    return plan;
  }
  const plans = await deps.store.plans.find({ farmId: deps.farm().id, packageId });
  const smallest = plans.toSorted((one, other) => one.memoryBytes - other.memoryBytes)[0];
  if (smallest === undefined) throw new FarmError('NOT_FOUND', { kind: 'plan', name: packageId });
  return smallest;
}

/** A customer who is known by id or by the panel's reference, or a new one that is saved with the job. */
async function customerFor(
  deps: Deps,
  wanted: CreateRequest['customer'],
): Promise<{ readonly id: CustomerId | null; readonly fresh: Customer | undefined }> {
  if (wanted === undefined) return { id: null, fresh: undefined };
  const farm = deps.farm();
  if (wanted.id !== undefined) {
    const known = await deps.store.customers.get(wanted.id);
    if (known === undefined) throw new FarmError('NOT_FOUND', { kind: 'customer', name: wanted.name });
    return { id: known.id, fresh: undefined };
  }
  const externalReference = wanted.externalReference?.trim() ?? '';
  const [same] = externalReference === '' ? [] : await deps.store.customers.find({ farmId: farm.id, externalReference });
  if (same !== undefined) return { id: same.id, fresh: undefined };
  if (wanted.name.trim() === '') return { id: null, fresh: undefined };
  const id = customerIdSchema.parse(deps.ids.uuid());
  const fresh: Customer = {
    id,
    farmId: farm.id,
    name: wanted.name.trim(),
    contact: wanted.contact ?? '',
    language: wanted.language ?? farm.language,
    externalReference,
    createdAtMs: deps.clock.nowMs(),
  };
  return { id, fresh };
}

/** Throws `PlanOutdated` where another create has brought that customer meanwhile, or its undo has taken them away. */
async function keepCustomer(tables: Tables, { id, fresh }: Awaited<ReturnType<typeof customerFor>>): Promise<void> {
  if (fresh === undefined) {
    if (id !== null && (await tables.customers.get(id)) === undefined) throw new PlanOutdated();
    return;
  }
  const { farmId, externalReference } = fresh;
  if (externalReference !== '' && (await tables.customers.find({ farmId, externalReference })).length > 0) throw new PlanOutdated();
  await tables.customers.insert(fresh);
}

/** What such a create would be, for its rehearsal: from the store alone. Throws `NOT_FOUND`, `PLAN_NOT_OF_PACKAGE`, `PACKAGE_NOT_AGREED`; whether the name may be taken is another question. */
export async function foreseeCreate(deps: Deps, request: CreateRequest): Promise<Foreseen> {
  const domain = await domainFor(deps, request.domainId);
  const plan = await planFor(deps, request.packageId, request.planId);
  const { id, fresh } = await customerFor(deps, request.customer);
  const { manifest } = await deps.packages.manifest(request.packageId);
  await deps.packages.networkOf(request.packageId);
  const name = request.name.trim().toLowerCase();
  return {
    input: {
      instanceId: instanceIdSchema.parse(deps.ids.uuid()),
      name,
      domainId: domain.id,
      packageId: request.packageId,
      planId: plan.id,
      ...(request.serverId === undefined ? {} : { wanted: request.serverId }),
      ...(fresh === undefined || id === null ? {} : { newCustomerId: id }),
    },
    parameters: {
      host: `${name}.${domain.name}`,
      domain: domain.name,
      customer: fresh?.name ?? '',
      application: localizedText(manifest.name, deps.farm().language),
      memoryMegabytes: Math.round(plan.memoryBytes / megabyte),
      diskMegabytes: Math.round(plan.diskBytes / megabyte),
    },
  };
}

/**
 * Checks everything that can be known before anything is made, then saves job, instance and a new customer in one transaction. Throws
 * `NAME_INVALID`, `NAME_RESERVED`, `NAME_TAKEN`, `DNS_UNSAFE`, `NOT_FOUND`, `PLAN_NOT_OF_PACKAGE`, `PACKAGE_NOT_AGREED`, `PARAMETER_INVALID`; then
 * there is no job.
 */
export async function beginCreate(deps: Deps, request: CreateRequest, by: By, tries = 1): Promise<JobView> {
  const begun = await deps.engine.begunBy('create', by);
  if (begun !== undefined) return begun;
  const checked = checkLabel(request.name);
  if (!checked.isOk) throw nameError(request.name, checked);
  const farm = deps.farm();
  const domain = await domainFor(deps, request.domainId);
  const address = `${checked.label}.${domain.name}`;
  const taken = new FarmError('NAME_TAKEN', { name: checked.label, address });
  const isTaken = async (tables: Tables): Promise<boolean> =>
    (await tables.instances.find({ farmId: farm.id, domainId: domain.id, name: checked.label })).length > 0;
  if (await isTaken(deps.store)) throw taken;
  const { manifest, manifestHash } = await deps.packages.manifest(request.packageId);
  await deps.packages.networkOf(request.packageId);
  const plan = await planFor(deps, request.packageId, request.planId);
  const { open, secret } = resolveParameters(manifest, request.parameters ?? {}, deps.ids);
  const customer = await customerFor(deps, request.customer);
  const foreign = await foreignNameError(deps, domain, address, dnsLimitMs);
  if (foreign !== undefined) throw foreign;
  const id = instanceIdSchema.parse(deps.ids.uuid());
  const sealedSecrets = Object.keys(secret).length === 0 ? '' : await deps.secrets.seal(secretContext(id), JSON.stringify(secret));
  const input = {
    instanceId: id,
    name: checked.label,
    domainId: domain.id,
    packageId: request.packageId,
    planId: plan.id,
    ...(request.serverId === undefined ? {} : { wanted: request.serverId }),
    ...(customer.fresh === undefined ? {} : { newCustomerId: customer.fresh.id }),
  };
  const row: Omit<Instance, 'jobId'> = {
    id,
    farmId: farm.id,
    name: checked.label,
    domainId: domain.id,
    customerId: customer.id,
    serverId: null,
    packageId: request.packageId,
    packageVersion: manifest.version,
    manifestHash,
    planId: plan.id,
    labels: [...new Set((request.labels ?? []).map((label) => label.trim()).filter((label) => label !== ''))],
    parameters: open,
    sealedSecrets,
    desired: 'made',
    handedOverAtMs: null,
    createdAtMs: deps.clock.nowMs(),
  };
  const within = async (tables: Tables, job: { readonly id: NonNullable<Instance['jobId']> }): Promise<void> => {
    if (await isTaken(tables)) throw taken;
    const state = (await tables.domains.get(domain.id)) === undefined ? 'leaving' : await domainStateOf(tables, domain.id);
    const adding = await broughtBy(tables, 'domain', domain.id);
    // its certificate may not be there yet, and its adding may still be undone, also after its row says that it is there
    if (state === 'adding' || adding !== undefined)
      throw new FarmError('OBJECT_BUSY', { kind: 'domain', name: domain.name, jobId: adding?.id ?? '' });
    if (state === 'leaving') throw new FarmError('NOT_FOUND', { kind: 'domain', name: domain.name });
    await keepCustomer(tables, customer);
    await tables.instances.insert({ ...row, jobId: job.id });
  };
  const subject = { kind: 'instance' as const, id, name: checked.label };
  try {
    const view = await deps.engine.begin({ type: 'create', subject, by, input, locks: [`instance:${id}`], within });
    if (customer.fresh !== undefined) deps.changes.announce({ kind: 'customer', id: customer.fresh.id });
    await deps.rows.announce(id);
    return view;
  } catch (error) {
    if (error instanceof PlanOutdated && tries < mostTries) return beginCreate(deps, request, by, tries + 1);
    // two at once on a store that lets them: the unique name decides
    throw isFarmError(error, 'STORE_CONFLICT') ? taken : error;
  }
}
