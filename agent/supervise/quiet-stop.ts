import type { AgentInstance, QuietReport, StoppedInstance } from '#contract/agent/instances.ts';
import type { AgentClock, InstanceLogs, Visitors } from '../ports.ts';
import { untilQuiet } from './quiet.ts';

/** A lease lasts 3 s: two words may be lost. */
const renewEveryMs = 1000;

type Options = {
  readonly instanceId: string;
  readonly visitors: Visitors;
  readonly clock: AgentClock;
  readonly logs: InstanceLogs;
};

/** Keeps the visitors of one instance waiting for as long as any of its acts wants that. */
export class KeptVisitors {
  readonly #options: Options;
  #wanted = 0;
  #stopTimer: (() => void) | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Returns what lets them go, once the edge shows the route of `host`; a second call is nothing. */
  keep(host: string): () => void {
    const { visitors, instanceId } = this.#options;
    this.#wanted += 1;
    if (this.#stopTimer === undefined) this.#renew();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      void visitors.settled(host).then(async () => {
        this.#wanted -= 1;
        if (this.#wanted > 0) return;
        this.close();
        await visitors.release(instanceId);
      });
    };
  }

  /** No more words: what is held ends with its lease, or with the agent. */
  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #renew(): void {
    const { visitors, instanceId, clock } = this.#options;
    this.#stopTimer = clock.after(renewEveryMs, () => {
      void visitors.hold(instanceId);
      this.#renew();
    });
  }
}

/** How an end went; `release` lets visitors go who came meanwhile. */
export type Ended = { readonly hadProcess: boolean; readonly quiet: QuietReport | undefined; readonly release: () => void };

export const withQuiet = (view: AgentInstance, quiet: QuietReport | undefined): StoppedInstance =>
  quiet === undefined ? view : { ...view, quiet };

type Ending = {
  readonly folder: string;
  readonly isHung: boolean;
  readonly isOver: () => boolean;
  /** Where visitors cannot be held they see at once what comes. */
  readonly turnAway: () => void;
};

/** Waits until an instance is quiet. What may be lost is noted in its log. Never throws. */
export async function becomeQuiet({ instanceId, visitors, clock, logs }: Options, ending: Ending): Promise<QuietReport> {
  const held = ending.isHung ? undefined : await visitors.hold(instanceId);
  if (held?.isHeld !== true) ending.turnAway();
  const quiet = await untilQuiet({ clock, count: () => visitors.hold(instanceId), ...ending });
  if (ending.isOver()) return quiet;
  const { state, waitedMs, inFlight = 0, streams = 0, folder } = quiet;
  if (state === 'gave-up')
    logs.note(
      instanceId,
      `not-quiet hangs=${ending.isHung ? 'yes' : 'no'} seconds=${Math.round(waitedMs / 1000)} requests=${inFlight} streams=${streams} folder=${folder}`,
    );
  else if (streams > 0) logs.note(instanceId, `streams-cut count=${streams}`);
  return quiet;
}
