import { answerWithin } from '#kit/answer-within.ts';
import type { ServerReference } from '#contract/agent/servers.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { ReferenceAnswer, ReferenceFound } from '#contract/api/monitoring.ts';
import { FarmError } from '#contract/errors.ts';
import { jobId } from '#contract/ids.ts';
import { referenceMeant } from '#contract/reference.ts';
import { toFailure } from '../../engine/failure.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FindLogged } from '../../ports/logged.ts';
import type { Log } from '../../ports/request.ts';

export type FindReferenceDeps = {
  readonly agents: Pick<Agents, 'client' | 'server'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the farm; none where there is no farm. */
  readonly servers: () => Promise<readonly Server[]>;
  readonly instance: (instanceId: string) => Pick<InstanceView, 'name' | 'url'> | undefined;
  readonly findLogged: FindLogged;
};

/** Whoever asks is most often on the telephone. */
const answerMs = 4000;
const linkMs = 2000;

type Asked = { readonly found?: ReferenceFound | undefined; readonly unasked?: ReferenceAnswer['unasked'][number] };

function instanceOf(deps: FindReferenceDeps, instanceId: unknown): Pick<ReferenceFound, 'instance'> {
  if (typeof instanceId !== 'string') return {};
  const known = deps.instance(instanceId);
  return { instance: { id: instanceId, ...(known === undefined ? {} : { name: known.name, url: known.url }) } };
}

/** What a log says went wrong, in one line. */
function causeIn(fields: Readonly<Record<string, unknown>>): string {
  const error: unknown = fields['error'];
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : fields['message'];
  return typeof message === 'string' ? message.slice(0, 300) : '';
}

function causeOfLine(line: string): string {
  try {
    const fields: unknown = JSON.parse(line);
    return typeof fields === 'object' && fields !== null ? causeIn({ ...fields }) : '';
  } catch {
    // shortened
    return '';
  }
}

/** By our clock; undefined when that server knows nothing of it. */
function foundOn(deps: FindReferenceDeps, { id, name }: Server, { page, logged }: ServerReference): ReferenceFound | undefined {
  const link = deps.agents.server(id)?.link;
  const offsetMs = link?.state === 'connected' ? link.clockOffsetMs : 0;
  const atMs = page?.atMs ?? logged?.atMs;
  if (atMs === undefined) return undefined;
  return {
    source: page === undefined ? 'server' : 'page',
    atMs: Math.max(0, Math.round(atMs - offsetMs)),
    server: { id, name },
    cause: page === undefined ? causeOfLine(logged?.line ?? '') : (page.cause ?? ''),
    ...(page === undefined
      ? {}
      : { page: { kind: page.kind, status: page.status, host: page.host }, ...instanceOf(deps, page.instanceId) }),
    ...(logged === undefined ? {} : { log: { name: logged.log, line: logged.line } }),
  };
}

async function askServer(deps: FindReferenceDeps, server: Server, reference: string): Promise<Asked> {
  const ask = async (): Promise<ServerReference> => {
    const client = await deps.agents.client(server.id, linkMs);
    return client.servers.findReference({ reference });
  };
  try {
    const answer = await answerWithin(deps.clock.after, answerMs, ask());
    if (answer.state !== 'done')
      throw new FarmError('SERVER_UNREACHABLE', { server: server.name, address: server.address, cause: 'silent' });
    return { found: foundOn(deps, server, answer.value) };
  } catch (error) {
    const failure = toFailure(error, deps.log, { where: 'find-reference', serverId: server.id });
    return { unasked: { server: { id: server.id, name: server.name }, failure } };
  }
}

async function askCore(deps: FindReferenceDeps, reference: string): Promise<Asked> {
  try {
    const logged = await deps.findLogged(reference);
    if (logged === undefined) return {};
    const job = jobId.safeParse(logged.fields['job']);
    return {
      found: {
        source: 'core',
        atMs: Math.round(logged.atMs),
        cause: causeIn(logged.fields),
        ...(job.success ? { jobId: job.data } : {}),
        ...instanceOf(deps, logged.fields['instance']),
        log: { name: logged.log, line: logged.line },
      },
    };
  } catch (error) {
    return { unasked: { failure: toFailure(error, deps.log, { where: 'find-reference' }) } };
  }
}

/**
 * What a reference leads to: all servers are asked at once, each for a few seconds, and the core's own log. Whoever is silent, away, too old or cannot be
 * read is told, and hides nothing of the others. Throws `REFERENCE_INVALID` for a text that cannot be one.
 */
export async function findReference(deps: FindReferenceDeps, text: string): Promise<ReferenceAnswer> {
  const reference = referenceMeant(text);
  if (reference === undefined) throw new FarmError('REFERENCE_INVALID', {});
  const servers = await deps.servers();
  const asked = await Promise.all([askCore(deps, reference), ...servers.map((server) => askServer(deps, server, reference))]);
  return {
    reference,
    found: asked.flatMap(({ found }) => found ?? []),
    unasked: asked.flatMap(({ unasked }) => unasked ?? []),
  };
}
