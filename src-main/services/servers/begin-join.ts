import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import { isEndedState, type JobView } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { type FarmId, serverId as serverIdSchema } from '#contract/ids.ts';
import type { JobEngine } from '../../engine/job-engine.ts';
import { type By, systemBy } from '../../model/operators/by.ts';
import { codeContext } from '../../model/servers/pairing-code.ts';
import { proposeServerName } from '../../model/servers/server-names.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Store, Tables } from '../../ports/store.ts';

export type JoinDeps = {
  readonly store: Store;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly engine: Pick<JobEngine, 'begin' | 'begunBy' | 'get' | 'continue' | 'settled'>;
  readonly farm: () => { readonly id: FarmId };
};

export type JoinRequest = {
  readonly address: string;
  readonly code: string;
  readonly name?: string | undefined;
  readonly publicAddresses?: readonly string[];
};
type Joining = { readonly name: string; readonly address: string; readonly jobId: string };

const defaultAgentPort = 7443;

/** `host` → `host:7443`; an IPv6 address in brackets keeps them. */
export function withPort(address: string): string {
  const trimmed = address
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '');
  if (/^\[[^\]]+\]$/.test(trimmed) || !trimmed.includes(':')) return `${trimmed}:${defaultAgentPort}`;
  if (trimmed.split(':').length > 2 && !trimmed.startsWith('[')) return `[${trimmed}]:${defaultAgentPort}`;
  return trimmed;
}

/** Servers in the farm, and those that a job is bringing into it: these have no row before their agent is paired. */
async function taken(tables: Tables, farmId: FarmId): Promise<readonly (Omit<Joining, 'jobId'> & { readonly jobId?: string })[]> {
  const jobs = await tables.jobs.find({ farmId, type: 'join-server', state: ['running', 'pausing', 'paused', 'stopped', 'undoing'] });
  const joining = jobs.map(({ id, subject, input }) => ({ name: subject.name, address: String(input.address), jobId: id }));
  return [...(await tables.servers.find({ farmId })), ...joining].map(({ name, address, ...more }) => {
    return { name, address, ...('jobId' in more ? { jobId: more.jobId } : {}) };
  });
}

/**
 * Saves a job that pairs with the agent at an address; the code waits in it sealed, and is worth nothing once it was used. Throws
 * `SERVER_ALREADY_JOINED` and `EXISTS`, also for a server that is joining just now; then there is no job.
 */
export async function beginJoin(deps: JoinDeps, request: JoinRequest, by: By): Promise<JobView> {
  const begun = await deps.engine.begunBy('join-server', by);
  if (begun !== undefined) return begun;
  const farmId = deps.farm().id;
  const address = withPort(request.address);
  const wanted = request.name?.trim() || undefined;
  const id = serverIdSchema.parse(deps.ids.uuid());
  const sealedCode = await deps.secrets.seal(codeContext(id), request.code);
  for (;;) {
    const name = wanted ?? proposeServerName((await taken(deps.store, farmId)).map((one) => one.name));
    const within = async (tables: Tables, job: { readonly id: string }): Promise<void> => {
      const others = (await taken(tables, farmId)).filter(({ jobId }) => jobId !== job.id);
      const joined = others.find((one) => one.address === address);
      if (joined !== undefined) throw new FarmError('SERVER_ALREADY_JOINED', { server: joined.name });
      if (others.some((one) => one.name.toLowerCase() === name.toLowerCase())) throw new FarmError('EXISTS', { kind: 'server', name });
    };
    const { publicAddresses } = request;
    const input = { serverId: id, farmId, name, address, sealedCode, ...(publicAddresses === undefined ? {} : { publicAddresses }) };
    const subject = { kind: 'server' as const, id, name };
    try {
      return await deps.engine.begin({ type: 'join-server', subject, by, input, locks: [`server:${id}`], within });
    } catch (error) {
      // Two at once were proposed one name: the next proposal knows the first.
      if (wanted !== undefined || !isFarmError(error, 'EXISTS')) throw error;
    }
  }
}

/** `code`: asked for only where it is needed. */
export type OwnJoin = Omit<JoinRequest, 'code'> & { readonly code: () => Promise<string> };

/**
 * The same for the farm itself, which waits: resolves once the server is in, and throws why it is not. One that is in is left as it is. A join of the same
 * address that was cut off is brought to its end first, whichever that is: it may stand still after the server was in.
 */
export async function joinAndWait(deps: JoinDeps, request: OwnJoin): Promise<void> {
  const address = withPort(request.address);
  const there = async () => (await taken(deps.store, deps.farm().id)).filter((one) => one.address === address);
  const cut = (await there()).find(({ jobId }) => jobId !== undefined);
  if (cut?.jobId !== undefined) {
    const job = await deps.engine.settled(cut.jobId);
    if (!isEndedState(job.state)) await deps.engine.continue(job.id, systemBy(deps.ids.uuid()));
    await deps.engine.settled(cut.jobId);
  }
  if ((await there()).some(({ jobId }) => jobId === undefined)) return;
  const begun = await beginJoin(deps, { ...request, code: await request.code() }, systemBy(deps.ids.uuid()));
  const { state, failure } = await deps.engine.settled(begun.id);
  if (state === 'done') return;
  throw (failure && farmErrorFrom(failure.code, failure.parameters)) ?? new Error(`the join of ${request.address} is ${state}`);
}
