import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { CoreProcess, MainPort } from '../electron-parts.ts';
import type { CorePort } from '../serve-core.ts';

type Told = Parameters<Parameters<CorePort['on']>[1]>[0];

/**
 * The process of the core, in this very thread: messages are copies and come a turn later, as between processes, and are queued until somebody
 * listens. What dies here takes its ports along.
 */
export class StandInCoreProcess extends EventEmitter implements CoreProcess {
  private readonly waiting: ((message: Told) => void)[] = [];
  private readonly queued: Told[] = [];
  private readonly ports: MainPort[] = [];
  private hasEnded = false;
  /** None that could be killed: this is no process. */
  readonly pid = undefined;
  readonly kills: string[] = [];

  /** What the program of the core sees as `process.parentPort`. */
  readonly inside: CorePort = {
    on: (_event, listener) => {
      this.waiting.push(listener);
      for (const message of this.queued.splice(0)) listener(message);
    },
    postMessage: (message) => void this.later(() => this.emit('message', structuredClone(message))),
  };

  postMessage(message: unknown, transfer: MainPort[] = []): void {
    const told: Told = { data: structuredClone(message), ports: transfer };
    this.ports.push(...transfer);
    void this.later(() => {
      if (this.waiting.length === 0) this.queued.push(told);
      for (const listener of this.waiting) listener(told);
    });
  }

  /** As of a process that the system has not started: nothing happens (electron_api_utility_process.cc). */
  isUnborn = false;
  kill(): boolean {
    this.kills.push('kill');
    if (this.isUnborn) return false;
    this.die(15);
    return true;
  }

  /** As after kill -9: nothing more comes from it, and what it held is closed. */
  die(code: number): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const port of this.ports) port.close();
    this.emit('exit', code);
  }

  private async later(act: () => void): Promise<void> {
    await turn();
    if (!this.hasEnded) act();
  }
}
