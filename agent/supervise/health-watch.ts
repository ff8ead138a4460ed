import type { AgentInstance, InstanceSpec } from '#contract/agent/instances.ts';
import { checkHealth, runSelfCheck } from './health.ts';
import { manifestOf, type SupervisorNeeds } from './needs.ts';

/** While nothing listens yet a check costs a refused connection: close together at first, so that a quick start is seen within a seventh of its time. */
const firstCheckMs = 25;
const checksSlowDown = 1.15;
const slowestStartCheckMs = 400;
/** So many checks in a row without any answer until visitors see the friendly page instead of a broken connection. */
const unreachableChecks = 3;
/** Where the core says nothing else. */
const usualHangMs = 60_000;
/** How long this instance may give no answer until it counts as hanging; 0: for ever. */
export const hangMsOf = ({ hangSeconds }: InstanceSpec): number => (hangSeconds === undefined ? usualHangMs : hangSeconds * 1000);
/** After a check that could not be made at all. */
const afterFailureMs = 10_000;

export type HealthView = Pick<AgentInstance, 'health' | 'healthAnswer' | 'selfCheck' | 'healthAtMs' | 'answerMs'>;
const unknownHealth: HealthView = { health: 'unknown', healthAnswer: '', selfCheck: 'none' };

type Options = {
  readonly needs: SupervisorNeeds;
  readonly instanceId: string;
  /** While it starts, checks come close together. */
  readonly isStarting: () => boolean;
  readonly onHealthy: () => void;
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

  begin(delayMs: number = firstCheckMs): void {
    this.stop();
    this.hasAnswered = false;
    this.#schedule(delayMs);
  }

  /** Ends the checks; the last view stays until `reset`. */
  stop(): void {
    this.#run++;
    this.#stopTimer();
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

  async #check(run: number): Promise<void> {
    const { needs, instanceId, isStarting } = this.#options;
    const record = needs.instances.get(instanceId);
    if (record === undefined) return;
    const manifest = manifestOf(needs, record.spec);
    const target = { port: record.port, host: record.spec.host, parameters: record.spec.parameters };
    const beganMs = needs.clock.steadyMs();
    const result = await checkHealth(manifest.health, target, needs.clock.steadyMs);
    const { selfCheck: wanted } = manifest;
    const selfCheck = wanted !== undefined && result.isHealthy ? await runSelfCheck(wanted, manifest.health, target) : 'none';
    if (run !== this.#run) return;
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
    this.#schedule(isStarting() ? this.#delayMs : manifest.health.intervalSeconds * 1000);
  }
}
