import type { FromNew } from './hand-over.ts';
import type { HoldAnswer, HoldAsk } from './hold-messages.ts';

export type HoldSaid = Extract<FromNew, { say: 'hold' | 'release' }>;

const none: HoldAnswer = { isHeld: true, isComplete: true, waiting: 0, unanswered: 0, answering: 0, writing: 0 };
const unknown: HoldAnswer = { isHeld: false, isComplete: false, waiting: 0, unanswered: 0, answering: 0 };
const patienceMs = 300;

/**
 * The edges before this one that still finish what they had begun: this one asks its parent, and that one its own. One that does not answer in
 * 300 ms is of a version that knows no holds, or hangs: it is not waited for again.
 */
export class OlderEdges {
  /** False when there is none. */
  readonly #send: (message: HoldSaid) => boolean;
  readonly #asked = new Map<number, (answer: HoldAnswer) => void>();
  #lastId = 0;
  #isSilent = false;

  constructor(send: (message: HoldSaid) => boolean) {
    this.#send = send;
  }

  async hold(asked: HoldAsk): Promise<HoldAnswer> {
    this.#lastId += 1;
    const id = this.#lastId;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<HoldAnswer>((resolve) => {
      this.#asked.set(id, resolve);
      timer = setTimeout(() => {
        this.#isSilent = true;
        resolve(unknown);
      }, patienceMs);
    });
    try {
      if (!this.#send({ say: 'hold', id, ...asked })) return none;
      return this.#isSilent ? unknown : await answer;
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }

  release(instanceId: string): void {
    this.#send({ say: 'release', instanceId });
  }

  heard(id: number, answer: HoldAnswer): void {
    this.#isSilent = false;
    this.#asked.get(id)?.(answer);
  }

  /** The channel to it is gone, and with it whoever waited for an answer. */
  gone(): void {
    for (const resolve of this.#asked.values()) resolve(none);
  }
}
