import { waitFor } from '#kit/wait.ts';
import { createWakeUp } from '#kit/wake-up.ts';
import type { AgentLogLine } from '#contract/agent/instances.ts';
import type { LogPiece } from '#contract/api/instances.ts';
import { type Failure, FarmError, isFarmError } from '#contract/errors.ts';
import type { InstanceId } from '#contract/ids.ts';
import { rowOf } from '../../checks/sensible-act.ts';
import { answerMs, byOurClock, farmLine, inOrder } from './instance-log.ts';
import type { InstanceServiceDeps } from './instance-service.ts';
import { beginning, type LogPlace, newSince, placeAfter, placeOf, placeText } from './log-place.ts';

type Deps = Pick<InstanceServiceDeps, 'store' | 'agents' | 'clock' | 'changes' | 'projection' | 'log'>;
export type Asked = { readonly id: InstanceId; readonly lines: number; readonly lastEventId: string | undefined };
/** `id` is what a reader gives to go on after this event. */
export type LogEvent = { readonly piece: LogPiece; readonly id: string };

/** New lines are gathered for so long, so that what application and farm wrote at the same time is told in its order. */
const gatherMs = 300;
const askAgainMs = 2000;
/** What an agent is asked for when its log is taken up: enough to find the place again. */
const tailLines = 1000;
/** A reader that does not read gets the newest of so many. */
const mostWaiting = 5000;

type Source = {
  /** Lines since the last `take`, oldest first. */
  readonly take: () => AgentLogLine[];
  readonly away: () => Failure | undefined;
  /** The first answer, whatever it was. */
  readonly ready: Promise<void>;
};

/** Reads the log of the server on which the instance stands, for as long as the signal allows: a link that is cut is taken up again. */
function followAgent(deps: Deps, { id, lines: wanted }: Asked, from: LogPlace, wake: () => void, signal: AbortSignal): Source {
  let place = from;
  let waiting: AgentLogLine[] = [];
  let away: Failure | undefined;
  let isReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const put = (lines: readonly AgentLogLine[]): void => {
    // who begins to read is told as much as was asked for, however late the server answers
    const told = place === beginning && wanted < lines.length ? lines.slice(lines.length - wanted) : lines;
    place = placeAfter(place, lines);
    waiting = [...waiting, ...told].slice(-mostWaiting);
    away = undefined;
    isReady();
    wake();
  };
  const read = async (serverId: string): Promise<void> => {
    const client = await deps.agents.client(serverId, answerMs);
    const stream = await client.instances.followLog({ instanceId: id, lines: tailLines }, { signal });
    let isTail = true;
    for await (const event of stream) {
      const lines = byOurClock(deps, serverId, event.lines);
      put(isTail ? newSince(place, lines) : lines);
      isTail = false;
    }
  };
  const fail = (error: unknown): void => {
    if (signal.aborted) return;
    const isQuiet = !isFarmError(error) || isFarmError(error, 'NOT_FOUND');
    // a stream that was cut says nothing of its cause: the next try to reach the server will
    if (!isFarmError(error) && !(error instanceof Error && error.name === 'AbortError')) deps.log.bug(error, { where: 'follow-log' });
    away = isQuiet ? undefined : { code: error.code, parameters: { ...error.parameters } };
    isReady();
    wake();
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const serverId = deps.projection.row(id)?.serverId;
      if (serverId == null) put([]);
      else await read(serverId).catch(fail);
      await waitFor(deps.clock.after, askAgainMs, signal);
    }
  };
  void run();
  return {
    ready,
    away: () => away,
    take: () => {
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}

/**
 * The log of an instance as it is written by application, agent and farm. Ends when the signal aborts; throws `NOT_FOUND` when the instance is
 * not there or is removed.
 */
export async function* followLog(deps: Deps, asked: Asked, outer?: AbortSignal): AsyncGenerator<LogEvent, void, void> {
  const { id } = asked;
  const { name } = await rowOf(deps, id);
  const resumed = placeOf(asked.lastEventId);
  let place = resumed ?? beginning;
  const inner = new AbortController();
  const signal = outer === undefined ? inner.signal : AbortSignal.any([outer, inner.signal]);
  const news = createWakeUp(signal);
  const stop = deps.changes.on((change) => {
    if (change.kind === 'job' || (change.kind === 'instance' && change.id === id)) news.poke();
  });
  const agent = followAgent(deps, asked, place, news.poke, signal);

  let told: Failure | undefined;
  const gather = async (most: number): Promise<LogEvent | undefined> => {
    const away = agent.away();
    const lines = agent.take();
    const auditLog = (await deps.store.auditLog.find({ subjectId: id })).filter((line) => line.id > place.auditId);
    const isSame = JSON.stringify(told) === JSON.stringify(away);
    told = away;
    place = { ...placeAfter(place, lines), auditId: auditLog.at(-1)?.id ?? place.auditId };
    if (lines.length === 0 && auditLog.length === 0 && isSame) return undefined;
    const all = inOrder([...lines, ...auditLog.map(farmLine)]);
    const piece = { lines: most === 0 ? [] : all.slice(-most), ...(away === undefined ? {} : { away }) };
    return { piece, id: placeText(place) };
  };
  try {
    await Promise.race([agent.ready, waitFor(deps.clock.after, answerMs + gatherMs, signal)]);
    if (signal.aborted) return;
    yield (await gather(resumed === undefined ? asked.lines : tailLines)) ?? { piece: { lines: [] }, id: placeText(place) };
    while (await news.next()) {
      if (!(await waitFor(deps.clock.after, gatherMs, signal))) return;
      news.clear();
      if (deps.projection.row(id) === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
      const event = await gather(mostWaiting);
      if (event !== undefined) yield event;
    }
  } finally {
    inner.abort();
    stop();
    news.dispose();
  }
}
