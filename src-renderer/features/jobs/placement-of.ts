import type { JobView } from '#contract/api/jobs.ts';
import type { PlacementVerdict } from '#contract/api/placement-reason.ts';
import type { Translate } from '#words/translate.ts';
import { sayCode } from '../../lib/say-job.ts';
import { escapeText } from '../../ui/escape-text.ts';

export type SaidPlacement = { readonly serverName: string; readonly verdict: PlacementVerdict; readonly says: string };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function listOf(placement: unknown): readonly unknown[] {
  if (Array.isArray(placement)) return placement;
  return isRecord(placement) && Array.isArray(placement['candidates']) ? placement['candidates'] : [];
}

const verdicts: readonly string[] = ['best', 'good', 'fits', 'refused'] satisfies readonly PlacementVerdict[];
const isVerdict = (value: unknown): value is PlacementVerdict => typeof value === 'string' && verdicts.includes(value);

/**
 * The sentences of a placement as they were stored with the job. The contract leaves them open, because jobs of older versions stay
 * readable: what cannot be read is left out.
 */
export function placementOf(words: Translate, job: JobView): readonly SaidPlacement[] {
  return listOf(job.placement).flatMap((entry) => {
    if (!isRecord(entry) || !isRecord(entry['reason']) || !isVerdict(entry['verdict'])) return [];
    const says = sayCode(words, `placement.reason.${String(entry['reason']['code'])}`, entry['reason']);
    if (says === undefined) return [];
    return [{ serverName: escapeText(String(entry['serverName'] ?? '')), verdict: entry['verdict'], says }];
  });
}

/** Which of the servers got it: the one that the job says, otherwise the best. */
export function chosenOf(job: JobView, options: readonly SaidPlacement[]): SaidPlacement | undefined {
  const chosen = isRecord(job.placement) ? job.placement['chosenName'] : undefined;
  return options.find((option) => option.serverName === chosen) ?? options.find((option) => option.verdict !== 'refused');
}
