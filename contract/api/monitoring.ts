import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { alertCodes, alertTargetKinds } from '../catalogue/alerts.ts';
import { metricUnits } from '../catalogue/metrics.ts';
import { failure } from '../errors.ts';
import { instanceId, instant, jobId, serverId } from '../ids.ts';
import { line } from '../plain-text.ts';
import { inspect, look, mark, parameters } from './base.ts';
import { jobView } from './jobs.ts';
import { serverView } from './servers.ts';
import { demoFailure, demoStep, farmView } from './settings.ts';

/** One thing that needs attention, worst first: a row of `contract/catalogue/alerts.ts`. The words are `alerts.<code>.*`. */
export const alert = z.object({
  id: z.string(),
  mark,
  code: z.enum(alertCodes),
  parameters,
  /** Why, where something failed. */
  failure: failure.optional(),
  /** When it opened, as it was written down: the same after a restart, and while it comes and goes. */
  sinceMs: instant,
  /** Where the cure is. */
  target: z.object({ kind: z.enum(alertTargetKinds), id: z.string() }),
});
export type Alert = z.infer<typeof alert>;

export const totals = z.object({
  instances: z.number().int(),
  good: z.number().int(),
  working: z.number().int(),
  warning: z.number().int(),
  bad: z.number().int(),
  paused: z.number().int(),
  unknown: z.number().int(),
  room: z.number().int(),
  createdToday: z.number().int(),
  removedToday: z.number().int(),
  createMedianMs: z.number().optional(),
  answerMedianMs: z.number().optional(),
  answer95Ms: z.number().optional(),
  /** Would the others carry everyone if any one server failed? */
  survivesOneServer: z.boolean().optional(),
});
export type Totals = z.infer<typeof totals>;

export const farmState = z.object({
  farm: farmView.optional(),
  demoStep,
  /** With `failed` only. */
  demoFailure: demoFailure.optional(),
  totals,
  answerSpark: z.array(z.number().nullable()),
});

/** The small part of the farm that every window keeps a live snapshot of. Instances are queried. */
export const liveSnapshot = z.object({ state: farmState, servers: z.array(serverView), jobs: z.array(jobView), alerts: z.array(alert) });
export type LiveSnapshot = z.infer<typeof liveSnapshot>;

export const patch = z.discriminatedUnion('table', [
  z.object({ table: z.literal('state'), value: farmState }),
  z.object({ table: z.literal('servers'), id: z.string(), value: serverView.nullable() }),
  z.object({ table: z.literal('jobs'), id: z.string(), value: jobView.nullable() }),
  z.object({ table: z.literal('alerts'), id: z.string(), value: alert.nullable() }),
]);
export type Patch = z.infer<typeof patch>;

/** A snapshot first (or after a gap), then lists of patches, one list a tick. `sequence` rises by one; a gap asks again. */
export const snapshotEvent = z.discriminatedUnion('kind', [
  // `mirror` keeps the outer name of earlier versions.
  z.object({ kind: z.literal('snapshot'), sequence: z.number().int(), atMs: instant, mirror: liveSnapshot }),
  z.object({ kind: z.literal('patches'), sequence: z.number().int(), atMs: instant, patches: z.array(patch) }),
]);
export type SnapshotEvent = z.infer<typeof snapshotEvent>;

/**
 * A chart's line: unit and bounds travel with the metric, whose name is one of `catalogue/metrics.ts`; a newer core may have more. `values[i]` belongs to
 * `atMs[i]`; null is a gap: nothing was measured.
 */
export const series = z.object({
  metric: z.string(),
  unit: z.enum(['percent', ...metricUnits]),
  minimum: z.number(),
  maximum: z.number().optional(),
  limit: z.object({ code: z.string(), value: z.number() }).optional(),
  values: z.array(z.number().nullable()),
});
export const history = z.object({
  atMs: z.array(instant),
  stepMs: z.number().int(),
  series: z.array(series),
  isSimulated: z.boolean(),
  /** The agent's clock minus the core's when the newest sample was taken. */
  clockOffsetMs: z.number(),
});
export type History = z.infer<typeof history>;

/**
 * One place that knows a reference. `page`: a friendly page showed it; `server`: a fault of an agent or an edge; `core`: one of the program that answers. By
 * the core's clock. Host, cause and line may hold text from outside.
 */
export const referenceFound = z.object({
  source: z.enum(['page', 'server', 'core']),
  atMs: instant,
  server: z.object({ id: serverId, name: z.string() }).optional(),
  /** Which page, as the edge calls it; the words are `monitoring.found.page.*`. */
  page: z.object({ kind: z.string(), status: z.number().int(), host: z.string() }).optional(),
  /** By name where the farm still has it. */
  instance: z.object({ id: z.string(), name: z.string().optional(), url: z.string().optional() }).optional(),
  jobId: jobId.optional(),
  cause: z.string(),
  /** The line of the log, shortened and without stacks. */
  log: z.object({ name: z.string(), line: z.string() }).optional(),
});
export type ReferenceFound = z.infer<typeof referenceFound>;

/** `unasked`: servers that could not be asked, and may know it; without a server: the core's own log. */
export const referenceAnswer = z.object({
  reference: z.string(),
  found: z.array(referenceFound),
  unasked: z.array(z.object({ server: z.object({ id: serverId, name: z.string() }).optional(), failure })),
});
export type ReferenceAnswer = z.infer<typeof referenceAnswer>;

const span = {
  sinceMs: z.coerce.number().int(),
  untilMs: z.coerce.number().int(),
  points: z.coerce.number().int().min(10).max(2000).default(360),
};

export const monitoring = {
  /** Asks all servers at once, each for some seconds, and the core's own log. Throws `REFERENCE_INVALID`. */
  find: inspect
    .route({
      method: 'GET',
      path: '/references/{reference}',
      summary: 'What the reference on a page or an error leads to',
      tags: ['monitoring'],
    })
    .input(z.object({ reference: line.max(200) }))
    .output(referenceAnswer),
  watch: look
    .route({ method: 'GET', path: '/monitoring/watch', summary: 'The farm at a glance: snapshot, then patches', tags: ['monitoring'] })
    .output(eventIterator(snapshotEvent)),
  serverHistory: look
    .route({ method: 'GET', path: '/servers/{serverId}/history', summary: "A server's charts", tags: ['monitoring'] })
    .input(z.object({ serverId, ...span }))
    .output(history),
  instanceHistory: look
    .route({ method: 'GET', path: '/instances/{instanceId}/history', summary: "An instance's charts", tags: ['monitoring'] })
    .input(z.object({ instanceId, ...span }))
    .output(history),
};
