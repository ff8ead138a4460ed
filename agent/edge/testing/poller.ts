import { setTimeout as delay } from 'node:timers/promises';
import { Agent } from 'node:https';
import { visit, type Visit } from './visitor.ts';

export type Poller = {
  /** Ends it; resolves with what was not as wanted, and how many were asked in all. */
  readonly stop: () => Promise<{ readonly lost: string[]; readonly asked: number }>;
};

/** Asks every `everyMs` and waits for none: one kept connection and one new connection in turn, as visitors do. */
export function startPoller(about: Omit<Visit, 'agent'>, everyMs: number, wanted: (body: string) => boolean): Poller {
  const kept = new Agent({ keepAlive: true, maxSockets: 4 });
  const lost: string[] = [];
  const open = new Set<Promise<void>>();
  let asked = 0;
  let isOn = true;
  const loop = async (): Promise<void> => {
    while (isOn) {
      asked += 1;
      const one = visit(asked % 2 === 0 ? { ...about, agent: kept } : about)
        .then(({ status, body }) => {
          if (status !== 200 || !wanted(body)) lost.push(`${status} ${body.slice(0, 60)}`);
        })
        .catch((error: unknown) => {
          lost.push(String(error));
        })
        .finally(() => open.delete(one));
      open.add(one);
      await delay(everyMs);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      isOn = false;
      await running;
      await Promise.all(open);
      kept.destroy();
      return { lost, asked };
    },
  };
}
