import type { AgentInstance, InstanceSpec } from '#contract/agent/instances.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import type { Family, Listening } from '../os/listener.ts';
import type { InstanceRecord } from '../ports.ts';
import { checkHealth, type HealthResult, type HealthTarget, runSelfCheck } from './health.ts';
import { manifestOf, recordOf, type SupervisorNeeds } from './needs.ts';

/** While nothing listens yet a check costs a refused connection: close together at first, so that a quick start is seen within a seventh of its time. */
const firstCheckMs = 25;
const checksSlowDown = 1.15;
const slowestStartCheckMs = 400;
/** So many checks in a row without any answer until visitors see the friendly page instead of a broken connection. */
const unreachableChecks = 3;
/** Where the core says nothing else. */
const usualHangMs = 60_000;
/** How long this instance may give no answer until it counts as hanging; 0: for ever. */
const hangMsOf = ({ hangSeconds }: InstanceSpec): number => (hangSeconds === undefined ? usualHangMs : hangSeconds * 1000);
/** After a check that could not be made at all. */
const afterFailureMs = 10_000;

export type HealthView = Pick<AgentInstance, 'health' | 'healthAnswer' | 'selfCheck' | 'healthAtMs' | 'answerMs'>;
const unknownHealth: HealthView = { health: 'unknown', healthAnswer: '', selfCheck: 'none' };

type Options = {
  readonly needs: SupervisorNeeds;
  readonly instanceId: string;
  /** While it starts, checks come close together. */
  readonly isStarting: () => boolean;
  /** The processes to whom the port belongs; undefined while there are none. */
  readonly family: () => Family | undefined;
  /** Somebody else listens at the instance's port. Nothing was sent there. */
  readonly onStranger: (owner: string) => void;
  readonly onHealthy: () => void;
  /** It has had the manifest's time to become healthy, and has not: it is asked at the usual pace from now on. */
  readonly onLate: () => void;
  /** Nothing answered for some checks in a row. */
  readonly onUnreachable: () => void;
  /** Nothing has answered for as long as an application of this kind may hang; said again with every check. */
  readonly onHung: (silentMs: number) => void;
  readonly onChecked: () => void;
};

/** Asks one instance's health again and again: closely while it starts, then at the manifest's interval. One check at a time. */
export class HealthWatch {
  readonly #options: Options;
  #view: HealthView = unknownHealth;
  #unreachable = 0;
  #silentSinceMs: number | undefined;
  #hasFailed = false;
  #delayMs = firstCheckMs;
  #stopTimer = (): void => undefined;
  #stopLate = (): void => undefined;
  #isLate = false;
  /** Rises with every begin and stop, so that an answer that comes late is not taken for the next process's. */
  #run = 0;
  /** Since when every check was good. */
  healthySinceMs: number | undefined;
  /** Has anything answered since the checks began? One that was adopted may still be starting. */
  hasAnswered = false;

  constructor(options: Options) {
    this.#options = options;
  }

  get view(): HealthView {
    return this.#view;
  }

  /** Nothing answered for some checks in a row: visitors see that it is broken. */
  get isSilent(): boolean {
    return this.#unreachable >= unreachableChecks;
  }

  /** So long after its start it may have given no answer. */
  patienceMs(spec: InstanceSpec): number {
    const mayStartMs = this.hasAnswered ? 0 : manifestOf(this.#options.needs, spec).health.startSeconds * 1000;
    return mayStartMs + hangMsOf(spec);
  }

  begin(delayMs: number = firstCheckMs): void {
    this.stop();
    this.hasAnswered = false;
    this.#schedule(delayMs);
    const { needs, instanceId, isStarting, onLate } = this.#options;
    if (!isStarting()) return;
    this.#stopLate = needs.clock.after(manifestOf(needs, recordOf(needs, instanceId).spec).health.startSeconds * 1000, () => {
      this.#isLate = true;
      if (isStarting()) onLate();
    });
  }

  /** Ends the checks; the last view stays until `reset`. */
  stop(): void {
    this.#run++;
    this.#stopTimer();
    this.#stopLate();
    this.#isLate = false;
    this.#unreachable = 0;
    this.#silentSinceMs = undefined;
    this.#delayMs = firstCheckMs;
  }

  reset(view: HealthView = unknownHealth): void {
    this.stop();
    this.#view = view;
    this.healthySinceMs = undefined;
  }

  #schedule(delayMs: number): void {
    const run = this.#run;
    const { needs } = this.#options;
    this.#stopTimer = needs.clock.after(delayMs, () => {
      this.#check(run).then(
        () => {
          this.#hasFailed = false;
        },
        (error: unknown) => this.#onFailure(error, run),
      );
    });
  }

  /** A check that threw tells nothing, and the next one may: it is said once, and checking goes on. */
  #onFailure(error: unknown, run: number): void {
    const { needs, instanceId, onChecked } = this.#options;
    if (!this.#hasFailed) needs.log.bug(error, { at: 'health', instanceId });
    this.#hasFailed = true;
    if (run !== this.#run) return;
    this.#schedule(afterFailureMs);
    this.#view = { health: 'unhealthy', healthAnswer: 'check-failed', healthAtMs: needs.clock.nowMs(), selfCheck: 'none' };
    onChecked();
  }

  /** Credentials go to the instance's own listener and to nobody else: whose it is is looked at before, and again before the first byte. */
  async #ask(record: InstanceRecord, manifest: PackageManifest): Promise<{ result: HealthResult; selfCheck: HealthView['selfCheck'] }> {
    const { needs, family } = this.#options;
    const { port, spec } = record;
    const look = (): Listening => {
      const own = family();
      return own === undefined ? { by: 'nobody' } : needs.os.listening(port, own);
    };
    const first = look();
    const silent = { isHealthy: false, answerMs: undefined, isReachable: false };
    if (first.by === 'nobody') return { result: { ...silent, answered: 'refused' }, selfCheck: 'none' };
    if (first.by === 'stranger') return { result: { ...silent, answered: 'stranger' }, selfCheck: 'none' };
    const isStillOurs = (): boolean => {
      const now = look();
      return now.by === 'untold' || (now.by === 'own' && first.by === 'own' && now.socket === first.socket);
    };
    const target: HealthTarget = { port, host: spec.host, parameters: spec.parameters, isStillOurs };
    const result = await checkHealth(manifest.health, target, needs.clock.steadyMs);
    const { selfCheck: wanted } = manifest;
    const selfCheck = wanted !== undefined && result.isHealthy ? await runSelfCheck(wanted, manifest.health, target) : 'none';
    return { result, selfCheck };
  }

  async #check(run: number): Promise<void> {
    const { needs, instanceId, isStarting } = this.#options;
    const record = needs.instances.get(instanceId);
    if (record === undefined) return;
    const manifest = manifestOf(needs, record.spec);
    const beganMs = needs.clock.steadyMs();
    const { result, selfCheck } = await this.#ask(record, manifest);
    if (run !== this.#run) return;
    if (result.answered === 'stranger') {
      this.#view = { health: 'unhealthy', healthAnswer: 'stranger', healthAtMs: needs.clock.nowMs(), selfCheck: 'none' };
      return this.#options.onStranger(needs.os.portOwner(record.port) || 'unknown');
    }
    const nowMs = needs.clock.nowMs();
    const answerMs = result.answerMs === undefined ? {} : { answerMs: result.answerMs };
    this.#view = {
      health: result.isHealthy ? 'healthy' : 'unhealthy',
      healthAnswer: result.answered,
      healthAtMs: nowMs,
      selfCheck,
      ...answerMs,
    };
    this.#unreachable = result.isReachable ? 0 : this.#unreachable + 1;
    this.hasAnswered ||= result.isReachable;
    this.#silentSinceMs = result.isReachable ? undefined : (this.#silentSinceMs ?? beganMs);
    this.healthySinceMs = result.isHealthy ? (this.healthySinceMs ?? nowMs) : undefined;
    if (result.isHealthy) this.#options.onHealthy();
    else if (this.#unreachable >= unreachableChecks) this.#options.onUnreachable();
    this.#options.onChecked();
    const hangMs = hangMsOf(record.spec);
    const silentMs = this.#silentSinceMs === undefined ? 0 : needs.clock.steadyMs() - this.#silentSinceMs;
    if (hangMs > 0 && silentMs >= hangMs) this.#options.onHung(silentMs);
    this.#delayMs = Math.min(slowestStartCheckMs, this.#delayMs * checksSlowDown);
    this.#schedule(isStarting() && !this.#isLate ? this.#delayMs : manifest.health.intervalSeconds * 1000);
  }
}
