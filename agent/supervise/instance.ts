import type { EdgeRouteState } from '#contract/agent/edge.ts';
import type { AgentInstance, QuietReport, StoppedInstance } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import { createQueue } from '#kit/keyed-queue.ts';
import type { ProcessIdentity } from '../os/host-os.ts';
import type { InstanceRecord, RemovedPart } from '../ports.ts';
import { backOffMs, wellMs } from './back-off.ts';
import { endProcess } from './end-process.ts';
import { HealthWatch } from './health-watch.ts';
import { dataFolder, endStrays, type InstanceNeeds, recordOf, userOf } from './needs.ts';
import { type Measured, viewOf, withoutProcess } from './instance-view.ts';
import { mostMoves, plainName, PortLost, portTakenBy } from './port-loss.ts';
import { watchLiveness } from './liveness.ts';
import { becomeQuiet, type Ended, KeptVisitors, withQuiet } from './quiet-stop.ts';
import { removeRemains } from './remove-remains.ts';
import { spawnProcess } from './spawn-process.ts';
import { interrupted, untilHealthy } from './until-healthy.ts';
import { Waiters } from './waiters.ts';

/** One instance: its process, its health, its restarts. Acts queue up; a stop cuts a start short. */
export class SupervisedInstance {
  readonly #needs: InstanceNeeds;
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
  /** Who has its port; undefined while nobody else has. */
  #lostTo: string | undefined;
  /** So often in a row it was moved to another port. */
  #moves = 0;
  /** Rises with every stop, so that a start that was still waiting for its turn knows that it is not wanted any more. */
  #interrupts = 0;
  #crashes = 0;
  #stopRetry = (): void => undefined;
  #stopLiveness = (): void => undefined;
  #isClosed = false;

  constructor(needs: InstanceNeeds, instanceId: string, changed: () => void) {
    this.#needs = needs;
    this.instanceId = instanceId;
    this.#changed = changed;
    this.#visitors = new KeptVisitors({ ...needs, instanceId });
    this.#health = new HealthWatch({
      needs,
      instanceId,
      isStarting: () => this.#process.state === 'starting',
      family: () => (this.#identity === undefined ? undefined : { identity: this.#identity, user: userOf(this.#record) }),
      onStranger: (owner) => this.#onPortLost(owner),
      onHealthy: () => this.#onHealthy(),
      onUnreachable: () => void (this.#process.state === 'running' && this.#show('broken')),
      onLate: () => this.#show('broken'),
      onHung: (silentMs) => this.#later(() => this.#restartHung(silentMs)),
      onChecked: changed,
    });
  }

  get #record(): InstanceRecord {
    return recordOf(this.#needs, this.instanceId);
  }

  #show(state: EdgeRouteState): void {
    const { spec, port } = this.#record;
    this.#needs.onRouteState(spec.host, this.instanceId, state, port);
  }

  #bug(error: unknown): undefined {
    this.#needs.log.bug(error, { instanceId: this.instanceId });
  }

  /** For what nobody waits for. */
  #later(act: () => Promise<unknown>): void {
    void this.queue(act).catch((error: unknown) => this.#bug(error));
  }

  /** Runs acts one after another. */
  readonly queue = createQueue();

  view(): AgentInstance {
    return viewOf(this.#needs, this.#record, { process: this.#process, health: this.#health.view, measured: this.#measured });
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
    const { os, clock, logs, isolation } = this.#needs;
    const record = this.#record;
    const known = record.process;
    if (known !== undefined && os.isAlive(known)) {
      this.#identity = { processId: known.processId, startMark: known.startMark };
      this.#process = { state: 'running', processId: known.processId, startedAtMs: known.startedAtMs };
      if (record.wanted === 'stopped') {
        // The agent before was ended in the middle of a stop: it is brought to its end as it was begun.
        return this.#later(() => this.#end('stopped'));
      }
      logs.note(this.instanceId, `adopted pid=${known.processId}`);
      if (record.userId === undefined && (await isolation()).state !== 'shared') logs.note(this.instanceId, 'without-user until=restart');
      const mine = this.#identity;
      this.#stopLiveness = watchLiveness(mine, this.#needs, () => this.#onExit(mine, ''));
      this.#health.begin(0);
      return this.#changed();
    }
    if (known !== undefined) await os.killTree(known);
    for (const stray of strays) await os.killTree(stray);
    const isWanted = record.wanted === 'running';
    if (known !== undefined) await this.#save({ process: undefined, restarts: record.restarts + (isWanted ? 1 : 0) });
    if (isWanted) this.#stopRetry = clock.after(0, () => void this.queue(() => this.#retry()));
    // A route that the core asks for must not lead to a port where nothing of ours listens.
    else this.#show('broken');
  }

  start(): Promise<AgentInstance> {
    const turn = this.#interrupts;
    return this.queue(async () => {
      const record = this.#record;
      if (turn !== this.#interrupts) throw interrupted(this.#needs, this.instanceId);
      if (record.createdAtMs === undefined)
        throw new FarmError('INSTANCE_STATE', { name: record.spec.name, state: 'not-set-up', wanted: 'running' });
      if (!this.isRunning) {
        this.#clearTimers();
        this.#crashes = 0;
        if (record.wanted !== 'running' || record.restarts > 0) await this.#save({ wanted: 'running', restarts: 0 });
        await this.#trySpawn();
      }
      if (this.#process.state === 'running' && this.#health.view.health === 'healthy') return this.view();
      for (;;) {
        if (turn !== this.#interrupts) throw interrupted(this.#needs, this.instanceId);
        try {
          await this.#untilHealthy();
          return this.view();
        } catch (error) {
          if (!(error instanceof PortLost)) throw error;
        }
        await this.#leavePort();
      }
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
    const ending = this.queue(() => this.#end('as-before')).catch((error: unknown) => this.#bug(error));
    const starting = this.start();
    try {
      return withQuiet(await starting, (await ending)?.quiet);
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
      this.close();
      return { removed: hadProcess ? ['process', ...remains] : remains, quiet };
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
    this.#stopRetry();
    this.#stopLiveness();
    this.#health.stop();
  }

  #interrupt(): void {
    this.#interrupts++;
    this.#waiters.reject(interrupted(this.#needs, this.instanceId));
  }

  async #spawn(lostPort?: number): Promise<void> {
    const { os, clock, logs } = this.#needs;
    const startedAtMs = clock.nowMs();
    const spawned = await spawnProcess(this.#needs, this.#record, lostPort);
    this.#identity = spawned.identity;
    this.#lostTo = undefined;
    this.#exited = spawned.exited;
    this.#process = { state: 'starting', processId: spawned.identity.processId, startedAtMs };
    this.#health.reset();
    logs.note(this.instanceId, `started pid=${spawned.identity.processId} port=${this.#record.port}`);
    this.#show('starting');
    void spawned.exited.then(({ exitCode }) => this.#onExit(spawned.identity, exitCode)).catch((error: unknown) => this.#bug(error));
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
    const owner = portTakenBy(this.#needs, record, identity);
    if (owner !== undefined) this.#onPortLost(owner);
    if (owner !== undefined) return;
    const wellSinceMs = this.#health.healthySinceMs;
    if (wellSinceMs !== undefined && clock.nowMs() - wellSinceMs >= wellMs) this.#crashes = 0;
    this.#identity = undefined;
    this.#afterCrash(exitCode);
    void this.#save({ process: undefined, restarts: record.restarts + 1 }).catch((error: unknown) => this.#bug(error));
  }

  #afterCrash(exitCode: string): void {
    const { clock, logs } = this.#needs;
    this.#clearTimers();
    this.#crashes++;
    const lastLine = logs.lastLine(this.instanceId);
    const delayMs = backOffMs(this.#crashes);
    this.#process = { state: 'crash-loop', nextTryAtMs: clock.nowMs() + delayMs, exitCode, lastLine };
    this.#health.reset({ health: 'unhealthy', healthAnswer: 'died', selfCheck: 'none', healthAtMs: clock.nowMs() });
    this.#measured = withoutProcess(this.#measured);
    logs.note(this.instanceId, `ended exit=${exitCode} next-try-ms=${delayMs}`);
    this.#show('broken');
    this.#stopRetry = clock.after(delayMs, () => void this.queue(() => this.#retry()));
    this.#waiters.reject(new FarmError('APPLICATION_DIED', { name: this.#record.spec.name, exitCode, lastLine }));
    this.#changed();
  }

  async #retry(lostPort?: number): Promise<void> {
    if (this.#isClosed || this.isRunning || this.#needs.instances.get(this.instanceId)?.wanted !== 'running') return;
    await this.#trySpawn(lostPort).catch((error: unknown) => void (error instanceof FarmError || this.#bug(error)));
  }

  async #trySpawn(lostPort?: number): Promise<void> {
    try {
      await this.#spawn(lostPort);
    } catch (error) {
      this.#afterCrash(error instanceof FarmError ? error.code : 'spawn');
      throw error;
    }
  }

  #onHealthy(): void {
    if (this.#process.state === 'starting') this.#process = { ...this.#process, state: 'running' };
    this.#needs.logs.tend(this.instanceId);
    this.#show('running');
    this.#moves = 0;
    this.#waiters.resolve();
  }

  #untilHealthy(): Promise<void> {
    if (this.#lostTo !== undefined) throw new PortLost(this.#lostTo);
    return untilHealthy(this.#needs, this.#record.spec, this.#waiters, { process: this.#process, health: () => this.#health.view });
  }

  /** Waits until it is quiet, asks the process to end, waits its grace, ends what is left of it. Visitors wait until `release` after a restart. */
  async #end(wanted: 'stopped' | 'as-before'): Promise<Ended> {
    this.#untold = undefined;
    const record = this.#record;
    const { isSilent: isHung } = this.#health;
    const wasRunning = this.#process.state === 'running';
    this.#clearTimers();
    // First what is wanted: the agent's next life brings a stop to its end that is cut off here.
    if (wanted === 'stopped' && record.wanted !== wanted) await this.#save({ wanted });
    const identity = this.#identity ?? record.process;
    const isAlive = identity !== undefined && this.#needs.os.isAlive(identity);
    // Visitors have not yet been led to one that starts: it has acknowledged nothing.
    const isUsed = isAlive && wasRunning;
    const release = isUsed && !isHung ? this.#visitors.keep(record.spec.host) : (): void => undefined;
    try {
      const turnAway = (): void => this.#show(wanted === 'stopped' ? 'broken' : 'starting');
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
    this.#process = { state: 'stopping', processId: identity.processId };
    this.#changed();
    const isOver = (): boolean => this.#isClosed || !this.#needs.os.isAlive(identity);
    const folder = dataFolder(this.#needs, this.instanceId);
    const quiet = await becomeQuiet({ ...this.#needs, instanceId: this.instanceId }, { folder, isHung, isOver, turnAway });
    // The agent ends, and the instance outlives it: the next one goes on from what is wanted.
    if (this.#isClosed) throw interrupted(this.#needs, this.instanceId);
    return quiet;
  }

  async #endNow(identity: ProcessIdentity | undefined, isAlive: boolean): Promise<void> {
    const { os, logs } = this.#needs;
    if (identity !== undefined) await (isAlive ? this.#endProcess(identity) : os.killTree(identity));
    await endStrays(this.#needs, this.#record);
    this.#identity = undefined;
    this.#lostTo = undefined;
    this.#exited = undefined;
    this.#process = { state: 'none' };
    this.#health.reset();
    this.#measured = withoutProcess(this.#measured);
    if (this.#record.process !== undefined) await this.#save({ process: undefined });
    if (isAlive) logs.note(this.instanceId, 'stopped');
    this.#changed();
  }

  async #endProcess(identity: ProcessIdentity): Promise<void> {
    this.#process = { state: 'stopping', processId: identity.processId };
    this.#changed();
    await endProcess(identity, this.#needs, this.#record.spec, this.#exited);
  }

  /** Somebody else listens at its port. A start that waits goes on elsewhere by itself. */
  #onPortLost(owner: string): void {
    if (this.#lostTo !== undefined || this.#isClosed) return;
    this.#clearTimers();
    this.#lostTo = owner;
    this.#show('starting');
    this.#waiters.reject(new PortLost(owner));
    this.#later(() => this.#leavePort());
  }

  /** Starts it on another port. Whom everybody robs again and again counts as one that crashes. Nothing when it was done, or stopped, meanwhile. */
  async #leavePort(): Promise<void> {
    const [identity, owner, { port, wanted }] = [this.#identity, this.#lostTo, this.#record];
    this.#lostTo = undefined;
    if (this.#isClosed || identity === undefined || owner === undefined || wanted !== 'running') return;
    this.#moves++;
    this.#needs.logs.note(this.instanceId, `port-lost port=${port} owner=${plainName(owner)}`);
    if (!(await this.#endWhole(identity))) return;
    await this.#save({ process: undefined });
    if (this.#moves <= mostMoves) await this.#retry(port);
    else this.#afterCrash('port-taken');
  }

  /** Ends it with everything that is left of it; false when the agent itself ends. */
  async #endWhole(identity: ProcessIdentity): Promise<boolean> {
    await this.#endProcess(identity);
    await endStrays(this.#needs, this.#record);
    if (!this.#isClosed) this.#identity = undefined;
    return !this.#isClosed;
  }

  /** It has answered, and then nothing at all for too long: it is ended and started again like one that crashed. */
  async #restartHung(silentMs: number): Promise<void> {
    const identity = this.#identity;
    if (this.#isClosed || identity === undefined || this.#process.state !== 'running' || this.#health.view.health === 'healthy') return;
    if (this.#needs.clock.nowMs() - this.#process.startedAtMs < this.#health.patienceMs(this.#record.spec)) return;
    this.#clearTimers();
    this.#needs.logs.note(this.instanceId, `hangs no-answer-seconds=${Math.round(silentMs / 1000)} restarting`);
    if (!(await this.#endWhole(identity))) return;
    this.#afterCrash('hangs');
    await this.#save({ process: undefined, restarts: this.#record.restarts + 1 });
  }
}
