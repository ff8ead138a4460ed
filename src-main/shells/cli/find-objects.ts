import * as z from 'zod';
import type { CertificateView } from '#contract/api/certificates.ts';
import type { DomainView } from '#contract/api/domains.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { PackageView, PlanView } from '#contract/api/packages.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { aimsAt } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { instanceId, type JobId, jobId, language, type ServerId, serverId } from '#contract/ids.ts';
import { nameIn } from '#contract/localized-text.ts';
import type { CoreClient } from './command.ts';

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** By name or id. Throws `NOT_FOUND`. */
export async function findInstance(client: CoreClient, nameOrId: string): Promise<InstanceView> {
  const id = instanceId.safeParse(nameOrId);
  return id.success ? (await client.instances.get({ instanceId: id.data })).instance : client.instances.find({ name: nameOrId });
}

/** By name or id. Throws `NOT_FOUND`. */
export async function findServer(client: CoreClient, nameOrId: string): Promise<ServerView> {
  const { servers } = await client.servers.list();
  const found = servers.find((server) => same(server.name, nameOrId) || server.id === nameOrId);
  if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: nameOrId });
  return found;
}

type Leaving = { readonly id: ServerId; readonly name: string };

/**
 * The same, and a server whose entry has gone before its removal came to its end. With `isGivenUp` first one whose join takes itself back: another server
 * that has its name by now must not go in its place. Throws `NOT_FOUND`.
 */
export async function findServerToRemove(client: CoreClient, nameOrId: string, isGivenUp: boolean): Promise<Leaving> {
  const states = (['stopped', 'paused', 'running', 'undoing'] as const).map((state) => client.jobs.list({ state }));
  const [{ servers }, ...lists] = await Promise.all([client.servers.list(), ...states]);
  const about = lists.flatMap(({ jobs }) => jobs).filter(({ subject }) => same(subject.name, nameOrId) || subject.id === nameOrId);
  const joining = about.find(({ type, direction }) => isGivenUp && direction === 'back' && aimsAt(type, 'makes', 'server'));
  const isListed = servers.some(({ name, id }) => same(name, nameOrId) || id === nameOrId);
  const leaving = about.find(({ type, direction }) => direction === 'forward' && aimsAt(type, 'takes-away', 'server'));
  const unlisted = joining ?? (isListed ? undefined : leaving);
  return unlisted === undefined ? findServer(client, nameOrId) : { id: serverId.parse(unlisted.subject.id), name: unlisted.subject.name };
}

/** By name or id. Throws `NOT_FOUND`. */
export async function findDomain(client: CoreClient, nameOrId: string): Promise<DomainView> {
  const { domains } = await client.domains.list();
  const found = domains.find((domain) => same(domain.name, nameOrId) || domain.id === nameOrId);
  if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'domain', name: nameOrId });
  return found;
}

/** The package of a name, or the default one. Throws `NOT_FOUND`. */
export async function findPackage(client: CoreClient, language: 'en' | 'ru', name: string | undefined): Promise<PackageView> {
  const { packages } = await client.packages.list({ language });
  const found = packages.find((one) => (name === undefined ? one.isDefault : one.id === name));
  if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'package', name: name ?? '' });
  return found;
}

/** A plan of a package by its key, its name in any language, or its id. Throws `NOT_FOUND`. */
export function findPlan(of: PackageView, wanted: string): PlanView {
  const isCalled = (plan: PlanView): boolean =>
    [plan.key, plan.name, ...language.options.map((one) => nameIn(one, plan))].some((name) => same(name, wanted)) || plan.id === wanted;
  const found = of.plans.find(isCalled);
  if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'plan', name: wanted });
  return found;
}

/** Throws `NOT_FOUND` for what cannot be a job's id. */
export function toJobId(text: string): JobId {
  const parsed = jobId.safeParse(text);
  if (!parsed.success) throw new FarmError('NOT_FOUND', { kind: 'job', name: text });
  return parsed.data;
}

/** By one of its names or its id. Throws `NOT_FOUND`. */
export async function findCertificate(client: CoreClient, nameOrId: string): Promise<CertificateView> {
  const { certificates } = await client.certificates.list();
  const found =
    certificates.find((one) => one.id === nameOrId) ??
    certificates.find((one) => one.names.some((name) => same(name, nameOrId))) ??
    (z.uuid().safeParse(nameOrId).success ? undefined : certificates.find((one) => one.kind === nameOrId));
  if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'certificate', name: nameOrId });
  return found;
}
