import type { AgentInstance, QuietReport, StoppedInstance } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import { createQueue } from '#kit/keyed-queue.ts';
import type { ProcessIdentity } from '../os/host-os.ts';
import type { InstanceRecord, RemovedPart } from '../ports.ts';
import { backOffMs, wellMs } from './back-off.ts';
import { endProcess } from './end-process.ts';
import { hangMsOf, HealthWatch } from './health-watch.ts';
import { dataFolder, endStrays, manifestOf, type SupervisorNeeds, userOf } from './needs.ts';
import { watchLiveness } from './liveness.ts';
import { becomeQuiet, KeptVisitors } from './quiet-stop.ts';
import { removeRemains } from './remove-remains.ts';
import { spawnProcess } from './spawn-process.ts';
import { Waiters } from './waiters.ts';

/** How an end went; `release` lets visitors go who came meanwhile. */
type Ended = { readonly hadProcess: boolean; readonly quiet: QuietReport | undefined; readonly release: () => void };

const withQuiet = (view: AgentInstance, quiet: QuietReport | undefined): StoppedInstance =>
  quiet === undefined ? view : { ...view, quiet };

type Measured = Pick<AgentInstance, 'cpuMillicores' | 'memoryBytes' | 'diskBytes'>;

/** One instance: its process, its health, its restarts. Acts queue up; a stop cuts a start short. */
export class SupervisedInstance {
  readonly #needs: SupervisorNeeds;
  readonly #changed: () => void;
  readonly instanceId: string;
  #process: AgentInstance['process'] = { state: 'none' };
  readonly #health: HealthWatch;
  readonly #visitors: KeptVisitors;
  #measured: Measured = {};
  #untold: QuietReport | undefined;
  #identity: ProcessIdentity | undefined;
  #exited: Promise<unknown> | undefined;
  readonly #waiters = new Waiters();
  /** Rises with every stop, so that a start that was still waiting for its turn knows that it is not wanted any more. */
  #interrupts = 0;
  #crashes = 0;
  /** It has had the manifest's time to become healthy, and has not: visitors are told, and it is asked at the usual pace. */
  #isLate = false;
  #stopLate = (): void => undefined;
  #stopRetry = (): void => undefined;
  #stopLiveness = (): void => undefined;
  #isClosed = false;

  constructor(needs: SupervisorNeeds, instanceId: string, changed: () => void) {
    this.#needs = needs;
    this.instanceId = instanceId;
    this.#changed = changed;
    this.#visitors = new KeptVisitors({ ...needs, instanceId });
    this.#health = new HealthWatch({
      needs,
      instanceId,
      isStarting: () => this.#process.state === 'starting' && !this.#isLate,
      onHealthy: () => this.#onHealthy(),
      onUnreachable: () => {
        if (this.#process.state === 'running') needs.onRouteState(this.#record.spec.host, instanceId, 'broken');
      },
      onHung: (silentMs) =>
        void this.queue(() => this.#restartHung(silentMs)).catch((error: unknown) => needs.log.bug(error, { instanceId })),
      onChecked: changed,
    });
  }

  get #record(): InstanceRecord {
    const record = this.#needs.instances.get(this.instanceId);
    if (record === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: this.instanceId });
    return record;
  }

  /** Runs acts one after another. */
  readonly queue = createQueue();

  view(): AgentInstance {
    const { spec, wanted, restarts, port, userId } = this.#record;
    return {
      instanceId: spec.instanceId,
      name: spec.name,
      host: spec.host,
      wanted,
      process: this.#process,
      ...this.#health.view,
      restarts,
      port,
      user: userId === undefined ? '' : String(userId),
      folder: dataFolder(this.#needs, spec.instanceId),
      ...this.#measured,
    };
  }

  /** With how quiet it was when a restart ended it whose start failed: whoever asked for that heard only of the failure. */
  described(): StoppedInstance {
    return withQuiet(this.view(), this.#untold);
  }

  get identity(): ProcessIdentity | undefined {
    return this.#identity;
  }

  get isRunning(): boolean {
    return this.#identity !== undefined && this.#needs.os.isAlive(this.#identity);
  }

  measured(usage: Measured): void {
    this.#measured = { ...this.#measured, ...usage };
    this.#changed();
  }

  /** Takes a living process back; starts one where there should be one. `strays` are processes of this instance that no record names. */
  async adopt(strays: readonly ProcessIdentity[]): Promise<void> {
    const { os, clock, logs } = this.#needs;
    const record = this.#record;
    const known = record.process;
    if (known !== undefined && os.isAlive(known)) {
      this.#identity = { processId: known.processId, startMark: known.startMark };
      this.#process = { state: 'running', processId: known.processId, startedAtMs: known.startedAtMs };
      if (record.wanted === 'stopped') {
        // The agent before was ended in the middle of a stop: it is brought to its end as it was begun.
        void this.queue(() => this.#end('stopped')).catch((error: unknown) => this.#needs.log.bug(error, { instanceId: this.instanceId }));
        return;
      }
      logs.note(this.instanceId, `adopted pid=${known.processId}`);
      const mine = this.#identity;
      this.#stopLiveness = watchLiveness(mine, this.#needs, () => this.#onExit(mine, ''));
      this.#health.begin(0);
      return this.#changed();
    }
    if (known !== undefined) await os.killTree(known);
    for (const stray of strays) await os.killTree(stray);
    if (record.wanted === 'running') await this.#save({ process: undefined, restarts: record.restarts + (known === undefined ? 0 : 1) });
    else if (known !== undefined) await this.#save({ process: undefined });
    if (record.wanted === 'running') this.#stopRetry = clock.after(0, () => void this.queue(() => this.#retry()));
  }

  start(): Promise<AgentInstance> {
    const turn = this.#interrupts;
    return this.queue(async () => {
      const record = this.#record;
      if (turn !== this.#interrupts) throw this.#interrupted();
      if (record.createdAtMs === undefined)
        throw new FarmError('INSTANCE_STATE', { name: record.spec.name, state: 'not-set-up', wanted: 'running' });
      if (!this.isRunning) {
        this.#clearTimers();
        this.#crashes = 0;
        if (record.wanted !== 'running' || record.restarts > 0) await this.#save({ wanted: 'running', restarts: 0 });
        try {
          await this.#spawn();
        } catch (error) {
          this.#afterCrash(error instanceof FarmError ? error.code : 'spawn');
          throw error;
        }
      }
      if (this.#process.state === 'running' && this.#health.view.health === 'healthy') return this.view();
      if (turn !== this.#interrupts) throw this.#interrupted();
      await this.#untilHealthy();
      return this.view();
    });
  }

  stop(): Promise<StoppedInstance> {
    this.#interrupt();
    return this.queue(async () => {
      const { quiet } = await this.#end('stopped');
      return withQuiet(this.view(), quiet);
    });
  }

  async restart(): Promise<StoppedInstance> {
    this.#interrupt();
    // It stays wanted in between: an agent that dies here starts it again when it comes back.
    const ending = this.queue(() => this.#end('as-before')).catch((error: unknown) => {
      this.#needs.log.bug(error, { instanceId: this.instanceId });
      return undefined;
    });
    const starting = this.start();
    try {
      const view = await starting;
      return withQuiet(view, (await ending)?.quiet);
    } catch (error) {
      this.#untold = (await ending)?.quiet;
      throw error;
    } finally {
      (await ending)?.release();
    }
  }

  remove(): Promise<{ removed: RemovedPart[]; quiet?: QuietReport | undefined }> {
    this.#interrupt();
    return this.queue(async () => {
      const { hadProcess, quiet } = await this.#end('stopped');
      this.#needs.failPoint('instances.remove.stopped');
      const remains = await removeRemains(this.#needs, this.instanceId);
      const removed: RemovedPart[] = hadProcess ? ['process', ...remains] : remains;
      this.close();
      return { removed, quiet };
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#visitors.close();
    this.#clearTimers();
    this.#interrupt();
  }

  async #save(change: Partial<InstanceRecord>): Promise<void> {
    await this.#needs.instances.save({ ...this.#record, ...change }, true);
  }

  #clearTimers(): void {
    this.#stopLate();
    this.#stopRetry();
    this.#stopLiveness();
    this.#health.stop();
  }

  #interrupt(): void {
    this.#interrupts++;
    this.#waiters.reject(this.#interrupted());
  }

  #interrupted(): FarmError {
    const name = this.#needs.instances.get(this.instanceId)?.spec.name ?? this.instanceId;
    return new FarmError('INSTANCE_STATE', { name, state: 'stopping', wanted: 'running' });
  }

  async #spawn(): Promise<void> {
    const { os, clock, logs, onRouteState } = this.#needs;
    const record = this.#record;
    const startedAtMs = clock.nowMs();
    const spawned = await spawnProcess(this.#needs, record);
    this.#identity = spawned.identity;
    this.#exited = spawned.exited;
    this.#process = { state: 'starting', processId: spawned.identity.processId, startedAtMs };
    this.#health.reset();
    logs.note(this.instanceId, `started pid=${spawned.identity.processId} port=${record.port}`);
    onRouteState(record.spec.host, this.instanceId, 'starting');
    void spawned.exited
      .then(({ exitCode }) => this.#onExit(spawned.identity, exitCode))
      .catch((error: unknown) => this.#needs.log.bug(error, { instanceId: this.instanceId }));
    this.#isLate = false;
    this.#stopLate = clock.after(manifestOf(this.#needs, record.spec).health.startSeconds * 1000, () => {
      this.#isLate = true;
      if (this.#process.state === 'starting') onRouteState(record.spec.host, this.instanceId, 'broken');
    });
    this.#health.begin();
    this.#changed();
    try {
      await this.#save({ process: { ...spawned.identity, startedAtMs } });
    } catch (error) {
      // A process that no record names would be a stray of the next agent: better none.
      this.#identity = undefined;
      await os.killTree(spawned.identity);
      throw error;
    }
  }

  #onExit(identity: ProcessIdentity, exitCode: string): void {
    if (this.#identity !== identity || this.#process.state === 'stopping' || this.#isClosed) return;
    const { clock, instances } = this.#needs;
    const record = instances.get(this.instanceId);
    if (record === undefined) return;
    const wellSinceMs = this.#health.healthySinceMs;
    if (wellSinceMs !== undefined && clock.nowMs() - wellSinceMs >= wellMs) this.#crashes = 0;
    this.#identity = undefined;
    this.#afterCrash(exitCode);
    void this.#save({ process: undefined, restarts: record.restarts + 1 }).catch((error: unknown) => this.#needs.log.bug(error));
  }

  #afterCrash(exitCode: string): void {
    const { clock, logs, onRouteState } = this.#needs;
    const { spec } = this.#record;
    this.#clearTimers();
    this.#crashes++;
    const lastLine = logs.lastLine(this.instanceId);
    const delayMs = backOffMs(this.#crashes);
    this.#process = { state: 'crash-loop', nextTryAtMs: clock.nowMs() + delayMs, exitCode, lastLine };
    this.#health.reset({ health: 'unhealthy', healthAnswer: 'died', selfCheck: 'none', healthAtMs: clock.nowMs() });
    this.#measured = this.#measured.diskBytes === undefined ? {} : { diskBytes: this.#measured.diskBytes };
    logs.note(this.instanceId, `ended exit=${exitCode} next-try-ms=${delayMs}`);
    onRouteState(spec.host, this.instanceId, 'broken');
    this.#stopRetry = clock.after(delayMs, () => void this.queue(() => this.#retry()));
    this.#waiters.reject(new FarmError('APPLICATION_DIED', { name: spec.name, exitCode, lastLine }));
    this.#changed();
  }

  async #retry(): Promise<void> {
    if (this.#isClosed || this.isRunning || this.#needs.instances.get(this.instanceId)?.wanted !== 'running') return;
    try {
      await this.#spawn();
    } catch (error) {
      if (!(error instanceof FarmError)) this.#needs.log.bug(error, { instanceId: this.instanceId });
      this.#afterCrash(error instanceof FarmError ? error.code : 'spawn');
    }
  }

  #onHealthy(): void {
    if (this.#process.state === 'starting') this.#process = { ...this.#process, state: 'running' };
    this.#needs.logs.tend(this.instanceId);
    this.#needs.onRouteState(this.#record.spec.host, this.instanceId, 'running');
    this.#waiters.resolve();
  }

  async #untilHealthy(): Promise<void> {
    const { clock } = this.#needs;
    const { spec } = this.#record;
    const { path, startSeconds } = manifestOf(this.#needs, spec).health;
    if (this.#process.state === 'crash-loop') {
      throw new FarmError('APPLICATION_DIED', { name: spec.name, exitCode: this.#process.exitCode, lastLine: this.#process.lastLine });
    }
    await this.#waiters.wait(clock, startSeconds * 1000, () => {
      const answered = this.#health.view.healthAnswer;
      return new FarmError('APPLICATION_NOT_HEALTHY', { name: spec.name, path, answered, seconds: startSeconds });
    });
  }

  /** Waits until it is quiet, asks the process to end, waits its grace, ends what is left of it. Visitors wait until `release` after a restart. */
  async #end(wanted: 'stopped' | 'as-before'): Promise<Ended> {
    const { os, onRouteState } = this.#needs;
    this.#untold = undefined;
    const record = this.#record;
    const { isSilent: isHung } = this.#health;
    const wasRunning = this.#process.state === 'running';
    this.#clearTimers();
    // First what is wanted: the agent's next life brings a stop to its end that is cut off here.
    if (wanted === 'stopped' && record.wanted !== wanted) await this.#save({ wanted });
    const identity = this.#identity ?? record.process;
    const isAlive = identity !== undefined && os.isAlive(identity);
    // Visitors have not yet been led to one that starts: it has acknowledged nothing.
    const isUsed = isAlive && wasRunning;
    const release = isUsed && !isHung ? this.#visitors.keep(record.spec.host) : (): void => undefined;
    try {
      const turnAway = (): void => onRouteState(record.spec.host, this.instanceId, wanted === 'stopped' ? 'broken' : 'starting');
      const quiet = isUsed ? await this.#becomeQuiet(identity, isHung, turnAway) : undefined;
      turnAway();
      if (wanted === 'stopped') release();
      await this.#endNow(identity, isAlive);
      return { hadProcess: isAlive, quiet, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #becomeQuiet(identity: ProcessIdentity, isHung: boolean, turnAway: () => void): Promise<QuietReport> {
    const { os } = this.#needs;
    this.#process = { state: 'stopping', processId: identity.processId };
    this.#changed();
    const isOver = (): boolean => this.#isClosed || !os.isAlive(identity);
    const folder = dataFolder(this.#needs, this.instanceId);
    const quiet = await becomeQuiet({ ...this.#needs, instanceId: this.instanceId }, { folder, isHung, isOver, turnAway });
    // The agent ends, and the instance outlives it: the next one goes on from what is wanted.
    if (this.#isClosed) throw this.#interrupted();
    return quiet;
  }

  async #endNow(identity: ProcessIdentity | undefined, isAlive: boolean): Promise<void> {
    const { os, logs, agentKey } = this.#needs;
    const record = this.#record;
    if (identity !== undefined && isAlive) await this.#endProcess(identity);
    else if (identity !== undefined) await os.killTree(identity);
    await endStrays(os, agentKey, this.instanceId, userOf(record));
    this.#identity = undefined;
    this.#exited = undefined;
    this.#process = { state: 'none' };
    this.#health.reset();
    this.#measured = this.#measured.diskBytes === undefined ? {} : { diskBytes: this.#measured.diskBytes };
    if (this.#record.process !== undefined) await this.#save({ process: undefined });
    if (isAlive) logs.note(this.instanceId, 'stopped');
    this.#changed();
  }

  async #endProcess(identity: ProcessIdentity): Promise<void> {
    const { os, clock, packages } = this.#needs;
    const { spec } = this.#record;
    this.#process = { state: 'stopping', processId: identity.processId };
    this.#changed();
    const graceMs = (packages.manifest(spec.manifestHash, spec.payload)?.stop.graceSeconds ?? 10) * 1000;
    await endProcess(identity, { os, clock, graceMs, exited: this.#exited });
  }

  /** It has answered, and then nothing at all for too long: it is ended and started again like one that crashed. */
  async #restartHung(silentMs: number): Promise<void> {
    const { os, clock, logs, agentKey } = this.#needs;
    const identity = this.#identity;
    if (this.#isClosed || identity === undefined || this.#process.state !== 'running' || this.#health.view.health === 'healthy') return;
    const { spec } = this.#record;
    const mayStartMs = this.#health.hasAnswered ? 0 : manifestOf(this.#needs, spec).health.startSeconds * 1000;
    if (clock.nowMs() - this.#process.startedAtMs < mayStartMs + hangMsOf(spec)) return;
    this.#clearTimers();
    logs.note(this.instanceId, `hangs no-answer-seconds=${Math.round(silentMs / 1000)} restarting`);
    await this.#endProcess(identity);
    await endStrays(os, agentKey, this.instanceId, userOf(this.#record));
    if (this.#isClosed) return;
    this.#identity = undefined;
    this.#afterCrash('hangs');
    await this.#save({ process: undefined, restarts: this.#record.restarts + 1 });
  }
}
