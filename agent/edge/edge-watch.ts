import type { EdgeHealth, EdgeListener, EdgeStatus } from '#contract/agent/edge.ts';
import type { AgentClock, AgentLog } from '../ports.ts';
import { type EdgeLook, type Misses, missesAfter, noMisses, verdictOf } from './edge-health.ts';

export type EdgePatience = {
  /** Between two looks while all is well. */
  readonly everyMs: number;
  /** How long an answer may take. */
  readonly limitMs: number;
  /** Between two looks when one was missed. */
  readonly againMs: number;
  /** A silent edge is ended at once; when the next one hangs too, this much later, then twice as much, at most 5 min. */
  readonly replaceMs: number;
};
export const usualPatience: EdgePatience = { everyMs: 5000, limitMs: 5000, againMs: 1000, replaceMs: 15_000 };

type Listeners = { readonly https: EdgeListener; readonly http: EdgeListener };
type Options = {
  readonly clock: AgentClock;
  readonly log: AgentLog;
  readonly patience: EdgePatience;
  /** Where the edge should listen, until it has said where it does. */
  readonly wanted: Listeners;
  /** The program that has a port; empty where the system does not tell. */
  readonly ownerOf: (port: number) => string;
  /** One turn of watching; says whether the next comes soon. Never throws. */
  readonly turn: () => Promise<'soon' | 'later'>;
};

const ownerLastsMs = 60_000;

/** Remembers what was seen of the edge, counts misses, and tells who listens when what visitors meet has changed. */
export class EdgeWatch {
  readonly #options: Options;
  #health: EdgeHealth;
  #listeners: Listeners;
  #misses: Misses = noMisses;
  /** Misses belong to one process. */
  #token = '';
  #tell = new Set<(health: EdgeHealth) => void>();
  #owners = new Map<number, { readonly owner: string; readonly untilMs: number }>();
  #stopTimer = (): void => undefined;
  #run = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#listeners = options.wanted;
    const redirect = { isListening: true, port: options.wanted.http.port, owner: '', cause: '' };
    const since = { sinceMs: options.clock.nowMs() };
    this.#health = { state: 'stopped', port: options.wanted.https.port, owner: '', cause: '', ...since, redirect };
  }

  get health(): EdgeHealth {
    return this.#health;
  }

  get listeners(): Listeners {
    return this.#listeners;
  }

  onHealth(listener: (health: EdgeHealth) => void): () => void {
    this.#tell.add(listener);
    return () => this.#tell.delete(listener);
  }

  /** Takes turns until `stop`. A second call is nothing. */
  begin(): void {
    if (this.#health.state !== 'stopped') return;
    this.#say({ state: 'starting', cause: '' });
    this.#run += 1;
    this.#schedule(this.#options.patience.everyMs);
  }

  /** Ends the turns; `isWanted` says that the edge itself goes on. */
  stop(isWanted: boolean): void {
    this.#run += 1;
    this.#stopTimer();
    if (!isWanted) this.#say({ state: 'stopped', cause: '' });
  }

  /** Takes in one look at the edge with this token; answers with the misses in a row. */
  saw(token: string, look: EdgeLook): Misses {
    if (token !== this.#token) this.#misses = noMisses;
    this.#token = token;
    this.#misses = missesAfter(this.#misses, look);
    if (typeof look.pipe !== 'string') this.#know(look.pipe);
    const verdict = verdictOf(look, this.#misses);
    if (verdict !== undefined) this.#say(verdict);
    else if (this.#misses.pipe > 0 || this.#misses.tls > 0) this.#options.log.warn('edge-missed', { ...this.#misses, tls: look.tls });
    return this.#misses;
  }

  /** It could not be started, for this code. */
  failed(cause: string): void {
    this.#say({ state: 'failed', cause });
  }

  #know(status: EdgeStatus): void {
    const { wanted } = this.#options;
    // An edge of earlier days runs only while it listens, where it was told to.
    const of = (kind: 'https' | 'http'): EdgeListener => ({
      address: wanted[kind].address,
      port: kind === 'https' ? status.httpsPort : status.httpPort,
      isListening: true,
      problem: '',
    });
    this.#listeners = status.listeners ?? { https: of('https'), http: of('http') };
  }

  #ownerOf(port: number): string {
    const nowMs = this.#options.clock.steadyMs();
    const known = this.#owners.get(port);
    if (known !== undefined && nowMs < known.untilMs) return known.owner;
    const owner = this.#options.ownerOf(port);
    this.#owners.set(port, { owner, untilMs: nowMs + ownerLastsMs });
    return owner;
  }

  #say({ state, cause }: Pick<EdgeHealth, 'state' | 'cause'>): void {
    const { https, http } = this.#listeners;
    const redirect = {
      isListening: http.problem === '',
      port: http.port,
      owner: http.problem === 'EADDRINUSE' ? this.#ownerOf(http.port) : '',
      cause: http.problem,
    };
    const owner = state === 'port-taken' ? this.#ownerOf(https.port) : '';
    if (state === 'serving') this.#owners.delete(https.port);
    const before = this.#health;
    const isSame = before.state === state && before.cause === cause;
    const next: EdgeHealth = {
      state,
      port: https.port,
      owner,
      cause,
      sinceMs: isSame ? before.sinceMs : this.#options.clock.nowMs(),
      redirect,
    };
    if (JSON.stringify(next) === JSON.stringify(before)) return;
    this.#health = next;
    if (!isSame) this.#options.log.info('edge-health', { ...next });
    for (const listener of this.#tell) listener(next);
  }

  #schedule(delayMs: number): void {
    const { clock, patience, turn } = this.#options;
    const run = this.#run;
    this.#stopTimer = clock.after(delayMs, () => {
      void turn().then((next) => {
        if (run === this.#run) this.#schedule(next === 'soon' ? patience.againMs : patience.everyMs);
      });
    });
  }
}
