import type { AgentLogLine } from '#contract/agent/instances.ts';
import type { LogLine, LogPiece } from '#contract/api/instances.ts';
import { type Failure, isFarmError } from '#contract/errors.ts';
import type { InstanceId } from '#contract/ids.ts';
import type { AuditLine } from '../../model/jobs/audit-log.ts';
import { rowOf } from '../../checks/sensible-act.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

export type LogDeps = Pick<InstanceServiceDeps, 'store' | 'agents'>;

/** For programs: the code, what it is about, and the code of what went wrong. */
const textOf = ({ code, parameters, failure }: AuditLine): string =>
  [code, ...Object.values(parameters), ...(failure === null ? [] : [failure.code])].join(' ');

export const farmLine = (line: AuditLine): LogLine => ({
  atMs: line.atMs,
  stream: 'farm',
  text: textOf(line),
  code: line.code,
  parameters: { ...line.parameters },
  actor: line.actor,
  ...(line.failure === null ? {} : { failure: line.failure }),
});

/** An agent writes by its own clock; its lines stand beside the farm's, so they are told by ours. */
export function byOurClock(deps: LogDeps, serverId: string, lines: readonly AgentLogLine[]): AgentLogLine[] {
  const link = deps.agents.server(serverId)?.link;
  const offsetMs = link?.state === 'connected' ? link.clockOffsetMs : 0;
  return lines.map(({ atMs, stream, text }) => ({ atMs: Math.max(0, Math.round(atMs - offsetMs)), stream, text }));
}

/** Lines of all streams in the order of time. What one stream wrote stays in its order, even when its clock was set back. */
export function inOrder(lines: readonly LogLine[]): LogLine[] {
  const queues = new Map<LogLine['stream'], LogLine[]>();
  for (const line of lines) {
    const queue = queues.get(line.stream);
    if (queue === undefined) queues.set(line.stream, [line]);
    else queue.push(line);
  }
  const heads = [...queues.values()].map((queue) => ({ queue, next: 0 }));
  return lines.map((line) => {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      const atMs = head.queue[head.next]?.atMs;
      const bestMs = first?.queue[first.next]?.atMs;
      if (atMs !== undefined && (bestMs === undefined || atMs < bestMs)) first = head;
    }
    const taken = first?.queue[first.next] ?? line;
    if (first !== undefined) first.next += 1;
    return taken;
  });
}

/** A reader waits this long for a server that is away before the farm's own lines are told alone. */
export const answerMs = 2000;

/** The log as its server has it. A server that cannot be asked is told as such; one that has no log yet has no lines. */
async function agentTail(deps: LogDeps, id: InstanceId, lines: number): Promise<{ lines: AgentLogLine[]; away?: Failure }> {
  const { serverId } = await rowOf(deps, id);
  if (serverId === null) return { lines: [] };
  try {
    const client = await deps.agents.client(serverId, answerMs);
    return { lines: byOurClock(deps, serverId, (await client.instances.log({ instanceId: id, lines })).lines) };
  } catch (error) {
    if (!isFarmError(error)) throw error;
    if (isFarmError(error, 'NOT_FOUND')) return { lines: [] };
    return { lines: [], away: { code: error.code, parameters: { ...error.parameters } } };
  }
}

/** The last lines of what application, agent and farm wrote. Throws `NOT_FOUND`. */
export async function readLog(deps: LogDeps, id: InstanceId, count: number): Promise<LogPiece> {
  const tail = await agentTail(deps, id, count);
  const auditLog = (await deps.store.auditLog.find({ subjectId: id })).map(farmLine);
  return { ...tail, lines: inOrder([...tail.lines, ...auditLog]).slice(-count) };
}
