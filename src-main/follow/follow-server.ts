import { isFarmError } from '#contract/errors.ts';
import { backOffMs } from '#kit/back-off.ts';
import { waitFor } from '#kit/wait.ts';
import type { AgentLink } from '../ports/agent-link.ts';
import type { Clock } from '../ports/clock.ts';
import { type FollowEvents, type FollowPart, followParts, type FollowServer } from '../ports/follow.ts';
import type { Log } from '../ports/request.ts';
import { openMeasuredSource } from './measured-source.ts';

const pageLimit = 2000;
const dayMs = 86_400_000;
const again = { firstMs: 1000, longestMs: 30_000, chance: 0.2 };

type Follower = {
  readonly link: AgentLink;
  readonly events: FollowEvents;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
};

/** Answers when the part is followed; ends with its stream. */
type Follow = (follower: Follower, followed: () => void) => Promise<void>;

/** A listener that is added to a signal already given is not called. */
const end = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const followFacts: Follow = async ({ link, events, signal }, followed) => {
  await events.onFacts(await link.client.servers.facts(undefined, { signal }));
  followed();
  // Facts are told once a connection; what changes later comes with the signs and samples.
  await end(signal);
};

const followInstances: Follow = async ({ link, events, signal }, followed) => {
  let isWhole = true;
  for await (const event of await link.client.instances.watch(undefined, { signal })) {
    events.onInstances(event.instances, event.removed, isWhole);
    if (isWhole) followed();
    isWhole = false;
  }
};

const followSigns: Follow = async ({ link, events, signal }, followed) => {
  try {
    for await (const signs of await link.client.servers.watch(undefined, { signal })) {
      events.onSigns(signs);
      followed();
    }
  } catch (error) {
    if (!isFarmError(error, 'COMMAND_MISSING')) throw error;
    events.onSigns({});
    followed();
    await end(signal);
  }
};

/** First what the agent kept while we were away, page by page, then what it measures from now on. */
const followSamples: Follow = async ({ link, events, signal, clock }, followed) => {
  const sinceMs = (await events.newestSampleMs()) ?? clock.nowMs() - dayMs;
  const { source, first } = await openMeasuredSource(link.client, pageLimit, signal, sinceMs);
  for (let page = first; ; ) {
    await events.onMeasured(page);
    const last = page.server.at(-1);
    if (page.isComplete || last === undefined || signal.aborted) break;
    page = await source.since(last.atMs);
  }
  followed();
  for await (const measured of await source.watch()) await events.onMeasured(measured);
};

const follows: Readonly<Record<FollowPart, Follow>> = {
  facts: followFacts,
  instances: followInstances,
  signs: followSigns,
  samples: followSamples,
};

/** One part, taken up again for as long as the link stands: a stream that broke, a command that failed, a listener that threw. */
async function keepFollowing(part: FollowPart, follower: Follower): Promise<void> {
  const { events, signal, clock, log } = follower;
  let isFollowed = false;
  const tell = (is: boolean): void => {
    if (is === isFollowed || signal.aborted) return;
    isFollowed = is;
    events.onPart(part, is);
  };
  let attempt = 0;
  while (!signal.aborted) {
    try {
      await follows[part](follower, () => {
        attempt = 0;
        tell(true);
      });
    } catch (error) {
      // A broken link says itself why, and ends this by its signal.
      if (!signal.aborted && !isFarmError(error, 'SERVER_UNREACHABLE'))
        log.warn('follow', { part, error: error instanceof Error ? error.message : String(error) });
    }
    if (signal.aborted) return;
    tell(false);
    await waitFor(clock.after, backOffMs(again, attempt, follower.random()), signal);
    attempt += 1;
  }
}

/** Makes what follows agents. See `FollowServer` for what it promises. */
export function createFollowServer(deps: Pick<Follower, 'clock' | 'log' | 'random'>): FollowServer {
  return async (link, signal, events) => {
    const follower = { ...deps, link, signal, events };
    await Promise.all(followParts.map((part) => keepFollowing(part, follower)));
  };
}
