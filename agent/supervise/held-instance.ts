import type { EdgeRouteState } from '#contract/agent/edge.ts';
import type { AgentInstance, QuietReport } from '#contract/agent/instances.ts';
import { createQueue } from '#kit/keyed-queue.ts';
import type { ProcessIdentity } from '../os/host-os.ts';
import type { InstanceRecord } from '../ports.ts';
import type { HealthView } from './health-watch.ts';
import { type Measured, viewOf } from './instance-view.ts';
import { type InstanceNeeds, recordOf } from './needs.ts';

/** What the agent holds of one instance while it is supervised: its process, what was measured of it, and where both are saved and shown. */
export class HeldInstance {
  readonly needs: InstanceNeeds;
  readonly instanceId: string;
  readonly changed: () => void;
  process: AgentInstance['process'] = { state: 'none' };
  measured: Measured = {};
  identity: ProcessIdentity | undefined;
  exited: Promise<unknown> | undefined;
  /** Who has its port; undefined while nobody else has. */
  lostTo: string | undefined;
  /** How quiet it was when a restart ended it whose start failed. */
  untold: QuietReport | undefined;
  isClosed = false;
  /** False: an agent of earlier days started it, and it gets its limits at the next start. */
  isLimited = true;
  /** Runs acts one after another. */
  readonly queue = createQueue();

  constructor(needs: InstanceNeeds, instanceId: string, changed: () => void) {
    this.needs = needs;
    this.instanceId = instanceId;
    this.changed = changed;
  }

  /** Throws `NOT_FOUND`. */
  get record(): InstanceRecord {
    return recordOf(this.needs, this.instanceId);
  }

  get isRunning(): boolean {
    return this.identity !== undefined && this.needs.os.isAlive(this.identity);
  }

  view(health: HealthView): AgentInstance {
    return viewOf(this.needs, this.record, { process: this.process, health, measured: this.measured });
  }

  /** What visitors see from now on. */
  show(state: EdgeRouteState): void {
    const { spec, port } = this.record;
    this.needs.onRouteState(spec.host, this.instanceId, state, port);
  }

  note(text: string): void {
    this.needs.logs.note(this.instanceId, text);
  }

  bug(error: unknown): undefined {
    this.needs.log.bug(error, { instanceId: this.instanceId });
  }

  /** For what nobody waits for. */
  later(act: () => Promise<unknown>): void {
    void this.queue(act).catch((error: unknown) => this.bug(error));
  }

  async save(change: Partial<InstanceRecord>): Promise<void> {
    await this.needs.instances.save({ ...this.record, ...change }, true);
  }
}
