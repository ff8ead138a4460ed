import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentInstance } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import { createQueue } from '#kit/keyed-queue.ts';
import type { ProcessIdentity } from '../os/host-os.ts';
import type { InstanceRecord, RemovedPart } from '../ports.ts';
import { resolveCommand, resolveEnvironment } from './command-values.ts';
import { backOffMs, wellMs } from './back-off.ts';
import { endProcess } from './end-process.ts';
import { hangMsOf, HealthWatch } from './health-watch.ts';
import { isPortFree } from './instance-ports.ts';
import { dataFolder, endStrays, manifestOf, placeholderValues, type SupervisorNeeds, userOf } from './needs.ts';
import { Waiters } from './waiters.ts';

const livenessMs = 1000;

type Measured = Pick<AgentInstance, 'cpuMillicores' | 'memoryBytes' | 'diskBytes'>;

/** One instance: its process, its health, its restarts. Acts queue up; a stop cuts a start short. */
export class SupervisedInstance {
  readonly #needs: SupervisorNeeds;
  readonly #changed: () => void;
  readonly instanceId: string;
  #process: AgentInstance['process'] = { state: 'none' };
  readonly #health: HealthWatch;
  #measured: Measured = {};
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
    if (known !== undefined && record.wanted === 'running' && os.isAlive(known)) {
      this.#identity = { processId: known.processId, startMark: known.startMark };
      this.#process = { state: 'running', processId: known.processId, startedAtMs: known.startedAtMs };
      logs.note(this.instanceId, `adopted pid=${known.processId}`);
      this.#watchLiveness(this.#identity);
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

  stop(): Promise<AgentInstance> {
    this.#interrupt();
    return this.queue(async () => {
      await this.#end('stopped');
      return this.view();
    });
  }

  restart(): Promise<AgentInstance> {
    this.#interrupt();
    // It stays wanted in between: an agent that dies here starts it again when it comes back.
    void this.queue(() => this.#end('as-before')).catch((error: unknown) => this.#needs.log.bug(error, { instanceId: this.instanceId }));
    return this.start();
  }

  remove(): Promise<RemovedPart[]> {
    this.#interrupt();
    return this.queue(async () => {
      const { folders, logs, instances, failPoint } = this.#needs;
      const record = this.#record;
      const removed: RemovedPart[] = [];
      if (await this.#end('stopped')) removed.push('process');
      failPoint('instances.remove.stopped');
      const gone = join(folders.instances, `.gone-${this.instanceId}`);
      await rm(gone, { recursive: true, force: true });
      const hadFolder = await rename(dataFolder(this.#needs, this.instanceId), gone).then(
        () => true,
        () => false,
      );
      await rm(gone, { recursive: true, force: true });
      if (hadFolder) removed.push('folder');
      failPoint('instances.remove.folder');
      if (logs.has(this.instanceId)) removed.push('log');
      await logs.remove(this.instanceId);
      await instances.remove(this.instanceId);
      if (record.userId !== undefined) removed.push('user');
      removed.push('port');
      this.close();
      return removed;
    });
  }

  close(): void {
    this.#isClosed = true;
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
    const { os, clock, logs, agentKey, failPoint, onRouteState } = this.#needs;
    const record = this.#record;
    const manifest = manifestOf(this.#needs, record.spec);
    await endStrays(os, agentKey, this.instanceId, userOf(record));
    if (!(await isPortFree(record.port)))
      throw new FarmError('PORT_TAKEN', { port: record.port, owner: os.portOwner(record.port) || 'unknown' });
    const values = placeholderValues(this.#needs, record);
    const { program, args } = resolveCommand(manifest.start.command, manifest, values);
    await mkdir(dirname(values.data), { recursive: true });
    const startedAtMs = clock.nowMs();
    const spawned = await os.spawnDetached({
      program,
      args,
      folder: values.data,
      environment: resolveEnvironment(manifest, values),
      user: userOf(record),
      ...logs.prepare(this.instanceId),
      marker: `${agentKey}:${this.instanceId}`,
    });
    failPoint('instances.start.spawned');
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
    this.#stopLate = clock.after(manifest.health.startSeconds * 1000, () => {
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

  /** A process that we did not start says nothing when it ends: it is looked for once a second. */
  #watchLiveness(identity: ProcessIdentity): void {
    const { os, clock } = this.#needs;
    const look = (): void => {
      if (this.#identity !== identity || this.#isClosed) return;
      if (os.isAlive(identity)) this.#stopLiveness = clock.after(livenessMs, look);
      else this.#onExit(identity, '');
    };
    this.#stopLiveness = clock.after(livenessMs, look);
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

  /** Asks the process to end, waits its grace, ends what is left of it. True when there was one. */
  async #end(wanted: 'stopped' | 'as-before'): Promise<boolean> {
    const { os, logs, agentKey, onRouteState } = this.#needs;
    const record = this.#record;
    this.#clearTimers();
    if (wanted === 'stopped' && record.wanted !== wanted) await this.#save({ wanted });
    onRouteState(record.spec.host, this.instanceId, wanted === 'stopped' ? 'broken' : 'starting');
    const identity = this.#identity ?? record.process;
    const isAlive = identity !== undefined && os.isAlive(identity);
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
    return isAlive;
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
