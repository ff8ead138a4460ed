import { FarmError } from '#contract/errors.ts';
import { hasAnswered } from '../model/domains/name-outcome.ts';
import type { Clock } from '../ports/clock.ts';
import type { NameEvidence } from '../ports/probe.ts';
import { firstWaitMs, nextWaitMs, pause } from './pause.ts';

/** Shorter than the steps that wait, so that a name server is told as the cause and not the step. */
const patienceMs = 90_000;

export type AnswersWanted = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly name: string;
  readonly domain: string;
  /** For the sentence: addresses, or `NXDOMAIN`. */
  readonly expected: string;
  readonly ask: () => Promise<readonly NameEvidence[]>;
  readonly isRight: (evidence: NameEvidence) => boolean;
  readonly serverAt: (index: number) => string;
  /** Called with the server that is waited for. */
  readonly onBehind: (server: string) => void;
};

/**
 * Asks until every answer is right. After a minute and a half throws what is the matter with the first that is not: `DNS_SLOW`, `DNS_REFUSED`, or
 * `OUTSIDE_NAME` for another answer. The signal ends it with its reason.
 */
export async function untilAnswersAreRight(wanted: AnswersWanted): Promise<void> {
  const untilMs = wanted.clock.nowMs() + patienceMs;
  for (let waitMs = firstWaitMs; ; waitMs = nextWaitMs(waitMs)) {
    const answers = await wanted.ask();
    const behind = answers.findIndex((answer) => !wanted.isRight(answer));
    const answer = answers[behind];
    if (answer === undefined) return;
    const server = wanted.serverAt(behind);
    if (wanted.clock.nowMs() + waitMs > untilMs) throw behindError(wanted, server, answer);
    wanted.onBehind(server);
    await pause(wanted.clock, waitMs, wanted.signal);
  }
}

function behindError({ name, domain, expected }: AnswersWanted, server: string, { outcome, addresses }: NameEvidence): FarmError {
  if (outcome === 'slow') return new FarmError('DNS_SLOW', { domain, name, server, seconds: patienceMs / 1000 });
  if (!hasAnswered(outcome)) return new FarmError('DNS_REFUSED', { domain, name, server, reason: outcome });
  return new FarmError('OUTSIDE_NAME', { address: name, found: addresses.join(', ') || outcome, expected });
}
