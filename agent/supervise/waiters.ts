import type { AgentClock } from '../ports.ts';

type Waiter = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Who waits for the same event; told once, all together. */
export class Waiters {
  #all = new Set<Waiter>();

  /** Resolves when it came. Throws what `reject` was given, and `late()` when it did not come in time. */
  async wait(clock: AgentClock, timeoutMs: number, late: () => unknown): Promise<void> {
    let stopTimer = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#all.add({ resolve, reject });
        stopTimer = clock.after(timeoutMs, () => reject(late()));
      });
    } finally {
      stopTimer();
    }
  }

  resolve(): void {
    for (const waiter of this.#take()) waiter.resolve();
  }

  reject(error: unknown): void {
    for (const waiter of this.#take()) waiter.reject(error);
  }

  #take(): Waiter[] {
    const all = [...this.#all];
    this.#all.clear();
    return all;
  }
}
