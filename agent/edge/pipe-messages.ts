import * as z from 'zod';
import { edgeStatus, pageNote } from '#contract/agent/edge.ts';
import { longestReference } from '#contract/reference.ts';
import { holdAnswer, holdAsk } from './hold-messages.ts';

/** What the agent says to the edge over the local pipe: one JSON document per line, one answer each, in any order. */
export const pipeRequest = z.object({
  id: z.number().int(),
  token: z.string(),
  ask: z.discriminatedUnion('act', [
    z.object({ act: z.literal('status') }),
    /** A file was written or removed: read it again. */
    z.object({ act: z.literal('route'), host: z.string() }),
    z.object({ act: z.literal('certificate'), certificateId: z.string() }),
    z.object({
      act: z.literal('upgrade'),
      runtime: z.string(),
      flags: z.array(z.string()),
      bundlePath: z.string(),
      bundleSha256: z.string(),
      version: z.string(),
    }),
    z.object({ act: z.literal('stop') }),
    /** Keep new requests of an instance waiting, so long; said again to go on. Only for an edge that says that it knows `hold`. */
    z.object({ act: z.literal('hold'), ...holdAsk.shape }),
    z.object({ act: z.literal('release'), instanceId: z.string() }),
    /** Which page showed this reference? Only for an edge that says that it knows `find`. */
    z.object({ act: z.literal('find'), reference: z.string().max(longestReference) }),
  ]),
});
export type PipeAsk = z.infer<typeof pipeRequest>['ask'];

export const pipeAnswer = z.object({
  id: z.number().int(),
  /** Absent when the act was done. */
  problem: z.string().optional(),
  status: edgeStatus.optional(),
  hold: holdAnswer.optional(),
  page: pageNote.optional(),
});
export type PipeAnswer = z.infer<typeof pipeAnswer>;

/** Splits a stream of text into lines; `longest` bounds what a silent or foreign peer can make us keep. */
export function createLineReader(longest: number, onLine: (line: string) => void, onTooLong: () => void): (text: string) => void {
  let rest = '';
  return (text) => {
    rest += text;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      onLine(line);
    }
    if (rest.length > longest) {
      rest = '';
      onTooLong();
    }
  };
}
