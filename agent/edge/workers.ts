import type { BoundSocket } from '#kit/node/bound-socket.ts';
import { createRestarts } from '#kit/restarts.ts';
import { type EdgeLog, writeOf } from './edge-log.ts';
import type { ListenerKind } from './listeners.ts';
import type { PageNotes } from './page-notes.ts';
import type { StartWorker, WorkerLink } from './worker-link.ts';
import { fromWorker, type WorkerAnswer, type WorkerAsk, type WorkerCounts } from './worker-messages.ts';

/** A worker that is silent for three of these is ended: it takes part in nothing any more, and who is connected to it waits in vain. */
const pingMs = 3000;
const pingsMissed = 3;
/** Who lived for a minute did not fail at its start. */
const again = { firstMs: 100, longestMs: 30_000, chance: 0, goodMs: 60_000 };
const failuresAtStart = 3;
/** Connections that another process accepted and nobody can take at this moment. */
const mostKept = 1024;

const noCounts: WorkerCounts = { requests: 0, connections: 0, routes: 0, certificates: 0 };

type Options = {
  readonly start: StartWorker;
  readonly count: number;
  /** What each is told first, as it is now. */
  readonly begin: () => Extract<WorkerAsk, { act: 'begin' }>;
  readonly log: EdgeLog;
  /** A friendly page that one of them has shown. */
  readonly shown: PageNotes['note'];
  /** One more or one less. */
  readonly changed: () => void;
};

/** `undefined` stands for one that did not answer in time, or ended before it could. */
export type Answers = { readonly answers: readonly WorkerAnswer[]; readonly isComplete: boolean };

class Worker {
  readonly startedMs = performance.now();
  readonly #options: Pick<Options, 'start' | 'log' | 'shown'>;
  readonly #waiting = new Map<number, (answer: WorkerAnswer | undefined) => void>();
  readonly link: WorkerLink;
  hasBegun = false;
  isGone = false;
  /** Why it could not begin. */
  problem = '';
  counts = noCounts;
  #lastId = 0;
  #misses = 0;
  #isPinged = false;

  constructor(options: Pick<Options, 'start' | 'log' | 'shown'>, gone: (worker: Worker, how: string) => void) {
    this.#options = options;
    this.link = options.start({
      said: (message) => this.#said(message),
      gone: (how) => {
        this.isGone = true;
        for (const resolve of [...this.#waiting.values()]) resolve(undefined);
        gone(this, how);
      },
    });
  }

  /** Undefined when it ends before, or does not answer in time. Never rejects. */
  async ask(ask: WorkerAsk, socket?: BoundSocket, limitMs?: number, sent?: () => void): Promise<WorkerAnswer | undefined> {
    if (this.isGone) return undefined;
    this.#lastId += 1;
    const id = this.#lastId;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<WorkerAnswer | undefined>((resolve) => {
      this.#waiting.set(id, resolve);
      if (limitMs !== undefined) timer = setTimeout(resolve, limitMs, undefined);
    });
    this.link.send({ id, ask }, socket, sent);
    const said = await answer;
    clearTimeout(timer);
    this.#waiting.delete(id);
    if (said?.counts !== undefined) this.counts = said.counts;
    return said;
  }

  /** Asks whether it is there, and ends it when it was silent too often. */
  ping(): void {
    this.#misses = this.#isPinged ? this.#misses + 1 : 0;
    if (this.#misses >= pingsMissed) {
      this.#options.log.write('worker-silent', { processId: this.link.processId });
      this.link.end();
      return;
    }
    if (this.#isPinged) return;
    this.#isPinged = true;
    void this.ask({ act: 'count' }).then(() => {
      this.#isPinged = false;
    });
  }

  #said(message: unknown): void {
    const parsed = fromWorker.safeParse(message);
    if (!parsed.success) {
      // It is ours no more.
      this.#options.log.write('worker-nonsense', { processId: this.link.processId });
      this.link.end();
      return;
    }
    const said = parsed.data;
    if (said.say === 'log') writeOf(this.#options.log, this.link.processId, said.event, said.fields);
    else if (said.say === 'page') this.#options.shown(said.page);
    else this.#waiting.get(said.id)?.(said);
  }
}

type Listening = { readonly socket: BoundSocket; readonly said: (problem: string) => void };

/**
 * The workers of one edge. All hold the same listening sockets; what waits in their queue waits through the death of any of them. One that ends is
 * started again and costs its own connections; one that hangs or talks nonsense is ended.
 */
export class Workers {
  readonly #options: Options;
  readonly #workers = new Set<Worker>();
  readonly #listening = new Map<ListenerKind, Listening>();
  readonly #kept: { readonly kind: ListenerKind; readonly connection: BoundSocket }[] = [];
  readonly #pings: NodeJS.Timeout;
  /** Resolves when the first has begun; rejects with what the last one said when none can. */
  readonly up: Promise<void>;
  #isUp = (): void => undefined;
  #isFailed = (_how: string): void => undefined;
  #failures = 0;
  readonly #restartMs = createRestarts(again);
  #requestsOfGone = 0;
  #turn = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.up = new Promise((resolve, reject) => {
      this.#isUp = resolve;
      this.#isFailed = (how) => reject(new Error(`no worker: ${how}`));
    });
    // Whoever waits for it hears of it then.
    this.up.catch(() => undefined);
    this.#pings = setInterval(() => {
      for (const worker of this.#workers) worker.ping();
    }, pingMs);
  }

  get processIds(): readonly number[] {
    return [...this.#workers].map(({ link }) => link.processId).filter((processId) => processId > 0);
  }

  get size(): { readonly wanted: number; readonly running: number } {
    return { wanted: this.#options.count, running: [...this.#workers].filter(({ hasBegun }) => hasBegun).length };
  }

  begin(): void {
    while (this.#workers.size < this.#options.count) this.#startOne();
  }

  /** Asks all; those that have not begun yet answer when they have. Complete when nobody was too late: one that ended has nothing to say. */
  async ask(ask: WorkerAsk, limitMs?: number): Promise<Answers> {
    const asked = [...this.#workers];
    const said = await Promise.all(asked.map((worker) => worker.ask(ask, undefined, limitMs)));
    const problem = said.find((answer) => answer?.problem !== undefined)?.problem;
    if (problem !== undefined) throw new Error(problem);
    return {
      answers: said.filter((answer) => answer !== undefined),
      isComplete: said.every((answer, index) => answer !== undefined || asked[index]?.isGone === true),
    };
  }

  /** Of one that does not answer in time, what it said last. */
  async counts(limitMs: number): Promise<WorkerCounts> {
    await this.ask({ act: 'count' }, limitMs);
    const all = [...this.#workers].filter(({ hasBegun }) => hasBegun).map(({ counts }) => counts);
    const least = (values: readonly number[]): number => (values.length === 0 ? 0 : Math.min(...values));
    const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0);
    return {
      requests: this.#requestsOfGone + sum(all.map(({ requests }) => requests)),
      connections: sum(all.map(({ connections }) => connections)),
      routes: least(all.map(({ routes }) => routes)),
      certificates: least(all.map(({ certificates }) => certificates)),
    };
  }

  /** Gives a socket to all, now and later; resolves with the first word on it: nothing when somebody listens, else the system's code. */
  listen(kind: ListenerKind, socket: BoundSocket): Promise<string> {
    return new Promise((resolve) => {
      this.#listening.set(kind, { socket, said: resolve });
      for (const worker of this.#workers) this.#giveListener(worker, kind);
    });
  }

  unlisten(kind: ListenerKind): void {
    this.#listening.delete(kind);
    for (const worker of this.#workers) void worker.ask({ act: 'close', kind });
  }

  /** Gives one connection that was accepted elsewhere, unread, to one of them. */
  pass(kind: ListenerKind, connection: BoundSocket): void {
    const ready = [...this.#workers].filter(({ hasBegun, isGone }) => hasBegun && !isGone);
    this.#turn += 1;
    const next = ready[this.#turn % ready.length];
    if (next !== undefined) void next.ask({ act: 'connection', kind }, connection, undefined, () => connection.close());
    else if (this.#kept.length < mostKept) this.#kept.push({ kind, connection });
    else connection.close();
  }

  /** No more connections; calls back once when the last one is gone and all have ended. None is started again. */
  drain(whenEmpty: () => void): void {
    this.#whenEmpty = whenEmpty;
    for (const worker of this.#workers) void worker.ask({ act: 'drain' });
    this.#endWhenEmpty();
  }

  /** Ends all at once. */
  end(): void {
    this.#whenEmpty = (): void => undefined;
    for (const { link } of this.#workers) link.end();
  }

  #endWhenEmpty(): void {
    if (this.#whenEmpty === undefined || this.#workers.size > 0) return;
    clearInterval(this.#pings);
    setImmediate(this.#whenEmpty);
  }

  #startOne(): void {
    const worker = new Worker(this.#options, (gone, how) => this.#gone(gone, how));
    this.#workers.add(worker);
    void worker.ask(this.#options.begin()).then((answer) => {
      if (answer === undefined) return;
      if (answer.problem !== undefined) {
        worker.problem = answer.problem;
        worker.link.end();
        return;
      }
      worker.hasBegun = true;
      this.#isUp();
      for (const { kind, connection } of this.#kept.splice(0)) this.pass(kind, connection);
      this.#options.changed();
    });
    for (const kind of this.#listening.keys()) this.#giveListener(worker, kind);
  }

  #giveListener(worker: Worker, kind: ListenerKind): void {
    const listening = this.#listening.get(kind);
    if (listening === undefined) return;
    void worker.ask({ act: 'listen', kind }, listening.socket).then((answer) => {
      if (answer?.problem !== undefined) listening.said(answer.problem);
    });
  }

  #gone(worker: Worker, how: string): void {
    this.#workers.delete(worker);
    this.#requestsOfGone += worker.counts.requests;
    if (this.#whenEmpty !== undefined) {
      this.#endWhenEmpty();
      return;
    }
    const livedMs = Math.round(performance.now() - worker.startedMs);
    this.#options.log.write('worker-gone', { processId: worker.link.processId, how, livedMs });
    if (!worker.hasBegun) this.#failures += 1;
    if (this.#failures >= failuresAtStart) this.#isFailed(`${how} ${worker.problem}`.trim());
    setTimeout(() => {
      if (this.#whenEmpty === undefined) this.begin();
    }, this.#restartMs(livedMs));
    this.#options.changed();
  }
}
