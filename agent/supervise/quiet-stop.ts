import type { AgentInstance, QuietReport, StoppedInstance } from '#contract/agent/instances.ts';
import type { AgentClock, HoldWhat, InstanceLogs, VisitorCount, Visitors } from '../ports.ts';
import { untilQuiet } from './quiet.ts';

/** A lease lasts 3 s: two words may be lost. */
const renewEveryMs = 1000;

type Options = {
  readonly instanceId: string;
  readonly visitors: Visitors;
  readonly clock: AgentClock;
  readonly logs: InstanceLogs;
};

/** One act's part in what is kept. */
export type Kept = {
  /** From now on these wait, and what waited before. Undefined when nobody can tell what is under way. */
  readonly hold: (what: HoldWhat) => Promise<VisitorCount | undefined>;
  /** Lets them go, once the edge shows what the instance has become; a second call is nothing. */
  readonly release: () => void;
};
const breadth = { nothing: 0, writes: 1, all: 2 } as const satisfies Record<HoldWhat, number>;
const wider = (one: HoldWhat, other: HoldWhat): HoldWhat => (breadth[one] < breadth[other] ? other : one);

/** Keeps the visitors of one instance waiting for as long as any of its acts wants that: all whom any of them wants to wait. */
export class KeptVisitors {
  readonly #options: Options;
  readonly #wanted = new Set<{ what: HoldWhat }>();
  #stopTimer: (() => void) | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** They go once the edge shows the route of `host`. */
  keep(host: string): Kept {
    const { visitors, instanceId } = this.#options;
    const mine: { what: HoldWhat } = { what: 'nothing' };
    this.#wanted.add(mine);
    if (this.#stopTimer === undefined) this.#renew();
    let isOver = false;
    return {
      hold: (what) => {
        mine.what = wider(mine.what, what);
        return this.#hold();
      },
      release: () => {
        if (isOver) return;
        isOver = true;
        void visitors.settled(host).then(async () => {
          this.#wanted.delete(mine);
          if (this.#wanted.size > 0) return;
          this.close();
          await visitors.release(instanceId);
        });
      },
    };
  }

  /** Where another act keeps visitors now they wait for this one, too; nothing where nobody is kept. Returns what lets them go. */
  join(host: string): () => void {
    if (this.#wanted.size === 0) return () => undefined;
    const what = this.#what;
    const { hold, release } = this.keep(host);
    void hold(what);
    return release;
  }

  get #what(): HoldWhat {
    return [...this.#wanted].map((one) => one.what).reduce(wider, 'nothing');
  }

  /** No more words: what is held ends with its lease, or with the agent. */
  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #hold(): Promise<VisitorCount | undefined> {
    const { visitors, instanceId } = this.#options;
    return visitors.hold(instanceId, this.#what);
  }

  #renew(): void {
    this.#stopTimer = this.#options.clock.after(renewEveryMs, () => {
      void this.#hold();
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
  readonly hold: Kept['hold'];
  /** Where visitors cannot be held they see at once what comes. */
  readonly turnAway: () => void;
};

/** Waits until an instance is quiet. What may be lost is noted in its log. Never throws. */
export async function becomeQuiet({ instanceId, clock, logs }: Omit<Options, 'visitors'>, ending: Ending): Promise<QuietReport> {
  const quiet = await untilQuiet({ clock, ...ending });
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
