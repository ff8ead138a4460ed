import { setTimeout as delay } from 'node:timers/promises';
import type { Language } from '#contract/ids.ts';
import type { DesktopInside } from '../desktop.ts';
import type { ElectronParts } from '../electron-parts.ts';
import type { ShownBy } from '../make-window.ts';
import type { Detail, Outcome, TrialResults } from './trial-results.ts';

/** What a step may look at and do. Everything of it is of the main process; pages get nothing new. */
export type Trial = {
  readonly electron: Pick<ElectronParts, 'app' | 'clipboard' | 'nativeTheme' | 'screen'>;
  readonly inside: DesktopInside;
  /** `atMs` since the process began. */
  readonly shown: Promise<{ readonly by: ShownBy; readonly atMs: number }>;
  readonly language: Language;
  readonly system: 'windows' | 'mac' | 'other';
  readonly results: TrialResults;
};

export type TrialStep = {
  readonly name: string;
  readonly limitMs: number;
  /** Throws what went wrong. The signal says that nobody waits for it any more. */
  readonly run: (trial: Trial, signal: AbortSignal) => Promise<Outcome>;
};

export const passed = (detail: Detail = {}, picture?: string): Outcome => ({
  result: 'passed',
  detail,
  ...(picture === undefined ? {} : { picture }),
});
export const failed = (detail: Detail): Outcome => ({ result: 'failed', detail });
export const absent = (detail: Detail): Outcome => ({ result: 'absent', detail });

/** Of one call to the core. */
const oneCallMs = 3000;
export const soon = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(oneCallMs) });

const lookEveryMs = 100;
const oneLookMs = 4000;

/** The first answer that is not undefined. What a look throws, or leaves unanswered for 4 s, is looked for again, until the signal. */
export async function until<Found>(signal: AbortSignal, look: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  let problem: unknown;
  while (!signal.aborted) {
    try {
      const found = await atMost(oneLookMs, async () => look());
      if (found !== undefined) return found;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    await delay(lookEveryMs);
  }
  throw problem ?? new Error('what was waited for did not come');
}

/** The answer, or an error after so many milliseconds; the act itself goes on. */
export async function atMost<Answer>(limitMs: number, act: () => Promise<Answer>): Promise<Answer> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  return Promise.race([act(), limit.promise]).finally(() => clearTimeout(timer));
}
