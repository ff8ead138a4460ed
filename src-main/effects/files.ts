import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { Sha256 } from '#contract/ids.ts';
import { valuesOf } from '../checks/secret-values.ts';
import { addressOf, lookAt, type OnServer, orIfAbsent, type PlacedSite, placedSiteOf, siteOn } from '../checks/site.ts';
import type { PackageAccess } from '../ports/access.ts';
import type { AgentWritesOf } from '../ports/agent-writes.ts';
import type { Agents } from '../ports/agents.ts';
import type { Clock } from '../ports/clock.ts';
import type { InstanceRows } from '../ports/instance-rows.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';
import { quietNote } from './quiet-note.ts';

export type FilesDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly agents: Agents;
  readonly agentWritesOf: AgentWritesOf;
  readonly secrets: Secrets;
  readonly rows: InstanceRows;
  readonly packages: PackageAccess;
};
/** `brought`: the package that was brought for it. */
export type FilesWanted = { readonly brought: { readonly manifestHash: Sha256; readonly payload: Sha256 } | undefined };
/** `isMade`: its agent knows it; otherwise something half-made is there. `port` is empty where it is not known. */
export type FilesFacts = { readonly isMade: boolean; readonly port: string; readonly folder: string; readonly user: string };

/** Folder, user, port, files and set-up of an instance on a server: its data. Taken away it cannot come back. */
export function createFilesEffect(deps: FilesDeps): Effect<OnServer, FilesWanted, FilesFacts> {
  const wait = async (at: OnServer): Promise<string> => (await placedSiteOf(deps, at)).server.name;
  return {
    kind: 'files',
    timeoutMs: 660_000,
    // An agent knows an instance from its first folder on; whether its set-up came to its end it does not say.
    isWholeSeen: false,
    waiting: () => ({ code: 'check', parameters: {} }),
    slot: ({ serverId }) => `setup@${serverId}`,
    server: ({ serverId }) => serverId,
    known: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      const seen = deps.agents.instance(at.instanceId)?.instance;
      if (seen !== undefined) return { isMade: true, port: String(seen.port), folder: seen.folder, user: seen.user };
      return deps.agents.followsInstances(at.serverId) ? 'absent' : 'unknown';
    },
    observe: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      const client = await lookAt(deps, at.serverId);
      const { instanceId } = at;
      const made = await orIfAbsent(client.instances.describe({ instanceId }));
      if (made !== undefined) return { isMade: true, port: String(made.port), folder: made.folder, user: made.user };
      const left = await client.instances.remains({ instanceId });
      const isSomething = left.hasFolder || left.hasState || left.hasUser || left.isPortOpen || left.processIds.length > 0;
      return isSomething ? { isMade: false, port: '', folder: '', user: '' } : 'absent';
    },
    describe: (seen, wanted, { name }) => {
      const facts = typeof seen === 'object' ? seen : undefined;
      if (wanted === 'absent') return facts === undefined ? undefined : { code: 'files-out', parameters: { name } };
      return facts?.isMade === true ? undefined : { code: 'files-in', parameters: { name } };
    },
    ensure: async (at, { brought }, _seen, call) => {
      if (brought === undefined) throw new FarmError('NOT_FOUND', { kind: 'package', name: at.packageId });
      const site = await placedSiteOf(deps, at);
      call.waitFor({ code: 'setup', parameters: { server: site.server.name } });
      const { instances } = deps.agentWritesOf(await deps.agents.client(at.serverId));
      const made = await instances.create(await specOf(deps, site, brought), { signal: call.signal });
      deps.agents.saw(at.serverId, made);
      return { isMade: true, port: String(made.port), folder: made.folder, user: made.user };
    },
    remove: async (at, seen, call) => {
      if (seen === 'place-gone') return 'gone';
      call.waitFor({ code: 'folder', parameters: { server: await wait(at) } });
      const { instances } = deps.agentWritesOf(await deps.agents.client(at.serverId));
      const { quiet } = await instances.remove({ instanceId: at.instanceId });
      const told = quietNote(at.name, quiet);
      if (told !== undefined) await call.tell(told);
      const left = (await lookForLeftovers(deps, at, '')).find(({ isPresent }) => isPresent);
      if (left !== undefined) throw new FarmError('STILL_THERE', { name: at.name, what: left.code, witness: left.witness });
      deps.agents.forget(at.instanceId);
      return 'gone';
    },
    restore: () => 'lost',
    evidence: async (at, { before, after }) => {
      if ((await siteOn(deps, at)) === undefined) return [];
      const facts = typeof before === 'object' ? before : after;
      return lookForLeftovers(deps, at, facts?.port || 'unknown');
    },
  };
}

async function specOf(deps: FilesDeps, site: PlacedSite, { manifestHash, payload }: NonNullable<FilesWanted['brought']>) {
  const row = await deps.rows.get(site.instanceId);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: site.name });
  const plan = await deps.store.plans.get(row.planId);
  if (plan === undefined) throw new FarmError('NOT_FOUND', { kind: 'plan', name: row.planId });
  const { memoryBytes, cpuMillicores, diskBytes } = plan;
  const { hangSeconds } = (await deps.packages.manifest(row.packageId)).manifest.health;
  const network = await deps.packages.networkOf(row.packageId);
  return {
    instanceId: site.instanceId,
    name: site.name,
    host: site.host,
    url: addressOf(site),
    manifestHash,
    payload,
    limits: { memoryBytes, cpuMillicores, diskBytes },
    parameters: { ...(await valuesOf(deps.secrets, row)) },
    ...(hangSeconds === undefined ? {} : { hangSeconds }),
    ...(network === undefined ? {} : { network }),
  };
}

/** What the server still has of the instance. `port`: as it was, to be named. */
async function lookForLeftovers(deps: Pick<FilesDeps, 'store' | 'agents' | 'clock'>, at: OnServer, port: string): Promise<Leftover[]> {
  const server = (await placedSiteOf(deps, at)).server.name;
  const client = await lookAt(deps, at.serverId);
  const { instanceId } = at;
  const left = await client.instances.remains({ instanceId });
  const log = await orIfAbsent(client.instances.log({ instanceId, lines: 1 }));
  const leftover = (code: string, isPresent: boolean, more: Record<string, string> = {}): Leftover => ({
    code,
    parameters: { server, ...more },
    isPresent,
    checkedAtMs: deps.clock.nowMs(),
    witness: server,
  });
  return [
    leftover('process', left.processIds.length > 0),
    leftover('port', left.isPortOpen, { port }),
    leftover('folder', left.hasFolder || left.hasState),
    leftover('user', left.hasUser),
    leftover('log', log !== undefined),
  ];
}
