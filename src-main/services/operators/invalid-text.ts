import { ORPCError } from '@orpc/server';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import { linePattern } from '#contract/plain-text.ts';

const refusedInput = z.object({
  issues: z.array(z.object({ pattern: z.string().optional(), path: z.array(z.union([z.string(), z.number()])) })),
});

/** The refusal of an input whose text holds what no text may, with the name of its field: a person can do something about it. Every other error as it is. */
export function namingText(error: unknown): unknown {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST') return error;
  const issues = refusedInput.safeParse(error.data).data?.issues ?? [];
  const found = issues.find(({ pattern }) => pattern === String(linePattern));
  return found === undefined ? error : new FarmError('TEXT_INVALID', { field: found.path.join('.') });
}
