import type { AgentInstance, QuietReport, StoppedInstance } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import type { ProcessIdentity } from '../os/host-os.ts';
import type { DiskOf, RemovedPart } from '../ports.ts';
import { backOffMs, wellMs } from './back-off.ts';
import { endInstance, endWhole, type Ending } from './end-instance.ts';
import { HealthWatch } from './health-watch.ts';
import { HeldInstance } from './held-instance.ts';
import { type Measured, withoutProcess } from './instance-view.ts';
import { limitsOf } from './instance-limits.ts';
import { watchLiveness } from './liveness.ts';
import { type InstanceNeeds, userOf } from './needs.ts';
import { exitOfLimit, type Over, overLimitNote, OverLimitWatch, type Taken } from './over-limit.ts';
import { goesOnWriting, writersOf } from './writers.ts';
import { mostMoves, plainName, PortLost, portTakenBy } from './port-loss.ts';
import { KeptVisitors, withQuiet } from './quiet-stop.ts';
import { removeRemains } from './remove-remains.ts';
import { spawnProcess } from './spawn-process.ts';
import { interrupted, untilHealthy } from './until-healthy.ts';
import { Waiters } from './waiters.ts';

/** One that goes on taking what it must not have is given no longer to end by itself. */
const mostOverGraceSeconds = 2;

/** One instance: its process, its health, its restarts. Acts queue up; a stop cuts a start short. */
export class SupervisedInstance {
  readonly #held: HeldInstance;
  readonly #health: HealthWatch;
  readonly #visitors: KeptVisitors;
  readonly #ending: Ending;
  readonly #overLimit: OverLimitWatch;
  readonly #waiters = new Waiters();
  /** So often in a row it was moved to another port. */
  #moves = 0;
  /** Rises with every stop, so that a start that was still waiting for its turn knows that it is not wanted any more. */
  #interrupts = 0;
  #crashes = 0;
  #stopRetry = (): void => undefined;
  #stopLiveness = (): void => undefined;

  constructor(needs: InstanceNeeds, instanceId: string, changed: () => void) {
    this.#held = new HeldInstance(needs, instanceId, changed);
    this.#overLimit = new OverLimitWatch(this.#held);
    this.#visitors = new KeptVisitors({ ...needs, instanceId });
    this.#health = new HealthWatch({
      needs,
      instanceId,
      isStarting: () => this.#held.process.state === 'starting',
      family: () => (this.#held.identity === undefined ? undefined : { identity: this.#held.identity, user: userOf(this.#held.record) }),
      onStranger: (owner) => this.#onPortLost(owner),
      onHealthy: () => this.#onHealthy(),
      onUnreachable: () => void (this.#held.process.state === 'running' && this.#held.show('broken')),
      onLate: () => this.#held.show('broken'),
      onHung: (silentMs) => this.#held.later(() => this.#restartHung(silentMs)),
      onChecked: changed,
    });
    const clearTimers = (): void => this.#clearTimers();
    this.#ending = { held: this.#held, health: this.#health, visitors: this.#visitors, clearTimers };
  }

  get instanceId(): string {
    return this.#held.instanceId;
  }

  /** Runs acts one after another. */
  queue<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#held.queue(act);
  }

  view(): AgentInstance {
    return this.#held.view(this.#health.view);
  }

  /** With how quiet it was when a restart ended it whose start failed: whoever asked for that heard only of the failure. */
  described(): StoppedInstance {
    return withQuiet(this.view(), this.#held.untold);
  }

  get identity(): ProcessIdentity | undefined {
    return this.#held.identity;
  }

  get isRunning(): boolean {
    return this.#held.isRunning;
  }

  measured(usage: Measured): void {
    this.#held.measured = { ...this.#held.measured, ...usage };
    this.#held.changed();
    this.#endIf(this.#overLimit.seen());
  }

  /** The same of what nothing else bounds, looked at more often and not shown. */
  watched(taken: Taken): void {
    this.#endIf(this.#overLimit.seenTaken(taken));
  }

  #endIf(over: Over | undefined): void {
    if (over === undefined) return;
    const { identity, process, needs, instanceId } = this.#held;
    // Whoever starts it waits for its health, and everything else for that: its end does not.
    if (process.state === 'starting' && identity !== undefined) {
      if (this.#overLimit.ends(over)) this.#held.note(overLimitNote(over));
      void needs.limits.end(instanceId).then(() => needs.os.killTree(identity), this.#held.bug);
    } else this.#held.later(() => this.#endOver(over));
  }

  /** Where it is ended for what it has on disk, and who writes there. */
  get disk(): DiskOf {
    return { endBytes: this.#overLimit.diskEndBytes, writers: writersOf(this.#held) };
  }

  /** It runs without the limits of its plan until it is started again. */
  get isUnlimited(): boolean {
    return this.isRunning && !this.#held.isLimited;
  }

  /** Its plan has changed while it runs. */
  limitsChanged(): void {
    const { needs, record, instanceId } = this.#held;
    const isWhole = this.#held.isLimited && needs.limits.change(instanceId, limitsOf(record.spec));
    this.#held.note(`limits-changed${isWhole ? '' : ' until=restart'}`);
  }

  /** Takes a living process back; starts one where there should be one. `strays` are processes of this instance that no record names. */
  async adopt(strays: readonly ProcessIdentity[]): Promise<void> {
    const { os, clock, isolation, limits } = this.#held.needs;
    const record = this.#held.record;
    const known = record.process;
    if (known !== undefined && os.isAlive(known)) {
      this.#held.identity = { processId: known.processId, startMark: known.startMark };
      this.#held.process = { state: 'running', processId: known.processId, startedAtMs: known.startedAtMs };
      if (record.wanted === 'stopped') {
        // The agent before was ended in the middle of a stop: it is brought to its end as it was begun.
        return this.#held.later(() => endInstance(this.#ending, 'stopped'));
      }
      this.#held.note(`adopted pid=${known.processId}`);
      if (record.userId === undefined && (await isolation()).state !== 'shared') this.#held.note('without-user until=restart');
      const mine = this.#held.identity;
      this.#held.isLimited = limits.holds(this.#held.instanceId, mine);
      if (!this.#held.isLimited) this.#held.note('without-limits until=restart');
      this.#overLimit.begin();
      this.#stopLiveness = watchLiveness(mine, this.#held.needs, () => this.#onExit(mine, ''));
      this.#health.begin(0);
      return this.#held.changed();
    }
    // Its group still knows whether its limit ended it while no agent was here.
    if (known !== undefined && limits.memoryKills(this.#held.instanceId) > 0) this.#held.note('memory-killed');
    if (known !== undefined) await os.killTree(known);
    for (const stray of strays) await os.killTree(stray);
    const isWanted = record.wanted === 'running';
    if (known !== undefined) await this.#held.save({ process: undefined, restarts: record.restarts + (isWanted ? 1 : 0) });
    if (isWanted) this.#stopRetry = clock.after(0, () => void this.#held.queue(() => this.#retry()));
    // A route that the core asks for must not lead to a port where nothing of ours listens.
    else this.#held.show('broken');
  }

  start(): Promise<AgentInstance> {
    const turn = this.#interrupts;
    return this.#held.queue(async () => {
      const record = this.#held.record;
      if (turn !== this.#interrupts) throw interrupted(this.#held.needs, this.#held.instanceId);
      if (record.createdAtMs === undefined)
        throw new FarmError('INSTANCE_STATE', { name: record.spec.name, state: 'not-set-up', wanted: 'running' });
      if (!this.isRunning) {
        this.#clearTimers();
        this.#crashes = 0;
        this.#overLimit.grant();
        if (record.wanted !== 'running' || record.restarts > 0) await this.#held.save({ wanted: 'running', restarts: 0 });
        await this.#trySpawn();
      }
      if (this.#held.process.state === 'running' && this.#health.view.health === 'healthy') return this.view();
      for (;;) {
        if (turn !== this.#interrupts) throw interrupted(this.#held.needs, this.#held.instanceId);
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
    return this.#held.queue(async () => {
      const { quiet } = await endInstance(this.#ending, 'stopped');
      return withQuiet(this.view(), quiet);
    });
  }

  async restart(): Promise<StoppedInstance> {
    // Whom a restart before this one keeps waiting would see a page of one that starts.
    const letGo = this.#visitors.join(this.#held.record.spec.host);
    this.#interrupt();
    // It stays wanted in between: an agent that dies here starts it again when it comes back.
    const ending = this.#held.queue(() => endInstance(this.#ending, 'as-before')).catch((error: unknown) => this.#held.bug(error));
    const starting = this.start();
    try {
      return withQuiet(await starting, (await ending)?.quiet);
    } catch (error) {
      this.#held.untold = (await ending)?.quiet;
      throw error;
    } finally {
      (await ending)?.release();
      letGo();
    }
  }

  remove(): Promise<{ removed: RemovedPart[]; quiet?: QuietReport | undefined }> {
    this.#interrupt();
    return this.#held.queue(async () => {
      const { hadProcess, quiet } = await endInstance(this.#ending, 'stopped');
      this.#held.needs.failPoint('instances.remove.stopped');
      const remains = await removeRemains(this.#held.needs, this.#held.instanceId);
      this.close();
      return { removed: hadProcess ? ['process', ...remains] : remains, quiet };
    });
  }

  close(): void {
    this.#held.isClosed = true;
    this.#visitors.close();
    this.#clearTimers();
    this.#interrupt();
  }

  #clearTimers(): void {
    this.#stopRetry();
    this.#stopLiveness();
    this.#health.stop();
  }

  #interrupt(): void {
    this.#interrupts++;
    this.#waiters.reject(interrupted(this.#held.needs, this.#held.instanceId));
  }

  async #spawn(lostPort?: number): Promise<void> {
    const { os, clock } = this.#held.needs;
    const startedAtMs = clock.nowMs();
    const spawned = await spawnProcess(this.#held.needs, this.#held.record, lostPort);
    this.#held.identity = spawned.identity;
    this.#held.lostTo = undefined;
    this.#held.exited = spawned.exited;
    this.#held.isLimited = true;
    this.#overLimit.begin();
    this.#held.process = { state: 'starting', processId: spawned.identity.processId, startedAtMs };
    this.#health.reset();
    this.#held.note(`started pid=${spawned.identity.processId} port=${this.#held.record.port}`);
    this.#held.show('starting');
    void spawned.exited.then(({ exitCode }) => this.#onExit(spawned.identity, exitCode)).catch((error: unknown) => this.#held.bug(error));
    this.#health.begin();
    this.#held.changed();
    try {
      await this.#held.save({ process: { ...spawned.identity, startedAtMs } });
    } catch (error) {
      // A process that no record names would be a stray of the next agent: better none.
      this.#held.identity = undefined;
      await os.killTree(spawned.identity);
      throw error;
    }
  }

  #onExit(identity: ProcessIdentity, exitCode: string): void {
    if (this.#held.identity !== identity || this.#held.process.state === 'stopping' || this.#held.isClosed) return;
    const { clock, instances } = this.#held.needs;
    const record = instances.get(this.#held.instanceId);
    if (record === undefined) return;
    const owner = portTakenBy(this.#held.needs, record, identity);
    if (owner !== undefined) this.#onPortLost(owner);
    if (owner !== undefined) return;
    const wellSinceMs = this.#health.healthySinceMs;
    if (wellSinceMs !== undefined && clock.nowMs() - wellSinceMs >= wellMs) this.#crashes = 0;
    this.#held.identity = undefined;
    this.#afterCrash(this.#overLimit.exitOf(exitCode));
    void this.#held.save({ process: undefined, restarts: record.restarts + 1 }).catch((error: unknown) => this.#held.bug(error));
  }

  #afterCrash(exitCode: string): void {
    const { clock, logs } = this.#held.needs;
    this.#clearTimers();
    this.#crashes++;
    const lastLine = logs.lastLine(this.#held.instanceId);
    const delayMs = backOffMs(this.#crashes);
    this.#held.process = { state: 'crash-loop', nextTryAtMs: clock.nowMs() + delayMs, exitCode, lastLine };
    this.#health.reset({ health: 'unhealthy', healthAnswer: 'died', selfCheck: 'none', healthAtMs: clock.nowMs() });
    this.#held.measured = withoutProcess(this.#held.measured);
    this.#held.note(`ended exit=${exitCode} next-try-ms=${delayMs}`);
    this.#held.show('broken');
    this.#stopRetry = clock.after(delayMs, () => void this.#held.queue(() => this.#retry()));
    this.#waiters.reject(new FarmError('APPLICATION_DIED', { name: this.#held.record.spec.name, exitCode, lastLine }));
    this.#held.changed();
  }

  async #retry(lostPort?: number): Promise<void> {
    if (this.#held.isClosed || this.isRunning || this.#held.needs.instances.get(this.#held.instanceId)?.wanted !== 'running') return;
    // It is tried again, and not begun before there is room for it.
    if (this.#overLimit.hasTooMuch) return this.#afterCrash(exitOfLimit.disk);
    await this.#trySpawn(lostPort).catch((error: unknown) => void (error instanceof FarmError || this.#held.bug(error)));
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
    if (this.#held.process.state === 'starting') this.#held.process = { ...this.#held.process, state: 'running' };
    this.#held.needs.logs.tend(this.#held.instanceId);
    this.#held.show('running');
    this.#moves = 0;
    this.#waiters.resolve();
  }

  #untilHealthy(): Promise<void> {
    if (this.#held.lostTo !== undefined) throw new PortLost(this.#held.lostTo);
    return untilHealthy(this.#held.needs, this.#held.record.spec, this.#waiters, {
      process: this.#held.process,
      health: () => this.#health.view,
    });
  }

  /** Somebody else listens at its port. A start that waits goes on elsewhere by itself. */
  #onPortLost(owner: string): void {
    if (this.#held.lostTo !== undefined || this.#held.isClosed) return;
    this.#clearTimers();
    this.#held.lostTo = owner;
    this.#held.show('starting');
    this.#waiters.reject(new PortLost(owner));
    this.#held.later(() => this.#leavePort());
  }

  /** Starts it on another port. Whom everybody robs again and again counts as one that crashes. Nothing when it was done, or stopped, meanwhile. */
  async #leavePort(): Promise<void> {
    const [identity, owner, { port, wanted }] = [this.#held.identity, this.#held.lostTo, this.#held.record];
    this.#held.lostTo = undefined;
    if (this.#held.isClosed || identity === undefined || owner === undefined || wanted !== 'running') return;
    this.#moves++;
    this.#held.note(`port-lost port=${port} owner=${plainName(owner)}`);
    if (!(await endWhole(this.#held, identity))) return;
    await this.#held.save({ process: undefined });
    if (this.#moves <= mostMoves) await this.#retry(port);
    else this.#afterCrash('port-taken');
  }

  /** It has taken more than its plan gives it, and nothing else than its end gives that back. */
  async #endOver(over: Over): Promise<void> {
    const { what } = over;
    const { identity, process, record, needs } = this.#held;
    if (this.#held.isClosed || identity === undefined || (process.state !== 'running' && process.state !== 'starting')) return;
    this.#clearTimers();
    this.#held.note(overLimitNote(over));
    // One that takes the server away from all others is not asked.
    if (what !== 'disk') await needs.os.killTree(identity);
    const isEnough = goesOnWriting(this.#held);
    if (!(await endWhole(this.#held, identity, { mostGraceSeconds: mostOverGraceSeconds, isEnough }))) return;
    const user = userOf(record);
    if (what === 'disk' && user !== undefined) await needs.os.takeAwayFilesOf(user);
    this.#afterCrash(exitOfLimit[what]);
    await this.#held.save({ process: undefined, restarts: record.restarts + 1 });
  }

  /** It has answered, and then nothing at all for too long: it is ended and started again like one that crashed. */
  async #restartHung(silentMs: number): Promise<void> {
    const identity = this.#held.identity;
    if (this.#held.isClosed || identity === undefined || this.#held.process.state !== 'running' || this.#health.view.health === 'healthy')
      return;
    if (this.#held.needs.clock.nowMs() - this.#held.process.startedAtMs < this.#health.patienceMs(this.#held.record.spec)) return;
    this.#clearTimers();
    this.#held.note(`hangs no-answer-seconds=${Math.round(silentMs / 1000)} restarting`);
    if (!(await endWhole(this.#held, identity))) return;
    this.#afterCrash('hangs');
    await this.#held.save({ process: undefined, restarts: this.#held.record.restarts + 1 });
  }
}
