import * as z from 'zod';
import { pageNote } from '#contract/agent/edge.ts';
import { holdAsk, passedHold } from './hold-messages.ts';

const kind = z.enum(['https', 'http']);

/** What the main process of an edge asks of a worker. Each has one answer, in any order; a socket comes with `listen` and `connection`. */
export const workerAsk = z.discriminatedUnion('act', [
  z.object({
    act: z.literal('begin'),
    /** What it answers when it is asked whether it is this edge. */
    proof: z.string(),
    /** Of how many workers it is one: so much of every bound is its own. */
    share: z.number().int().min(1),
    /** The same in all workers, so that each can resume what another began (base64). */
    ticketKeys: z.string(),
    httpsPort: z.number().int(),
    holds: z.array(passedHold),
  }),
  z.object({ act: z.literal('listen'), kind }),
  z.object({ act: z.literal('close'), kind }),
  /** A connection that another process accepted and did not read. */
  z.object({ act: z.literal('connection'), kind }),
  z.object({ act: z.literal('port'), httpsPort: z.number().int() }),
  z.object({ act: z.literal('route'), host: z.string() }),
  z.object({ act: z.literal('certificate'), certificateId: z.string() }),
  z.object({ act: z.literal('read-all') }),
  z.object({ act: z.literal('hold'), ...holdAsk.shape, heldForMs: z.number().min(0).optional() }),
  z.object({ act: z.literal('release'), instanceId: z.string(), how: z.enum(['released', 'owner-gone']) }),
  z.object({ act: z.literal('count') }),
  z.object({ act: z.literal('drain') }),
]);
export type WorkerAsk = z.infer<typeof workerAsk>;
export const toWorker = z.object({ id: z.number().int(), ask: workerAsk });

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const workerCounts = z.object({ requests: count, connections: count, routes: count, certificates: count });
export type WorkerCounts = z.infer<typeof workerCounts>;
const workerHold = z.object({
  isHeld: z.boolean(),
  waiting: count,
  unanswered: count,
  answering: count,
  writing: count,
  sinceWriteMs: z.number().min(0).optional(),
});
export type WorkerHold = z.infer<typeof workerHold>;

export const workerAnswer = z.object({
  /** Of `listen`: the system's code, or empty where it listens. */
  problem: z.string().max(100).optional(),
  counts: workerCounts.optional(),
  hold: workerHold.optional(),
});
export type WorkerAnswer = z.infer<typeof workerAnswer>;

/** A friendly page that it has shown; who keeps it says when. */
export const shownPage = pageNote.omit({ atMs: true }).extend({
  reference: z.string().max(20),
  kind: z.string().max(20),
  instanceId: z.string().max(100).optional(),
});

/** What a worker says, to be taken as from a stranger: it parses what strangers send. */
export const fromWorker = z.discriminatedUnion('say', [
  z.object({ say: z.literal('answer'), id: z.number().int(), ...workerAnswer.shape }),
  z.object({ say: z.literal('log'), event: z.string().regex(/^[a-z][a-z-]{0,39}$/), fields: z.record(z.string().max(40), z.unknown()) }),
  z.object({ say: z.literal('page'), page: shownPage }),
]);
export type FromWorker = z.infer<typeof fromWorker>;
