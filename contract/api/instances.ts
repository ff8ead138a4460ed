import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { failure } from '../errors.ts';
import { actor, customerId, domainId, instanceId, instant, jobId, language, packageId, planId, serverId } from '../ids.ts';
import { localized } from '../package-manifest.ts';
import { line } from '../plain-text.ts';
import { look, mark, operate, parameters, resources, write } from './base.ts';
import { jobView } from './jobs.ts';

/** Why an instance is in its state: the words are `instances.state.<code>`. */
export const instanceCode = z.enum([
  'running',
  'slow',
  'creating',
  'starting',
  'restarting',
  'resuming',
  /** On its way to what is wanted of it; where its server is away, as soon as that is back. */
  'stopping',
  'suspending',
  /** A job works on it that is none of the acts above. */
  'changing',
  'crash-loop',
  'unhealthy',
  'down',
  /** It runs, and visitors do not reach its server. */
  'unreached',
  'stopped',
  'suspended',
  'removing',
  'not-seen',
  'missing',
  'half-made',
]);
export type InstanceCode = z.infer<typeof instanceCode>;

export const instanceView = z.object({
  id: instanceId,
  /** The address label, e.g. `anna`. */
  name: z.string(),
  customer: z.object({ id: customerId, name: z.string() }).optional(),
  domain: z.object({ id: domainId, name: z.string() }),
  /** `anna.farm.example` */
  host: z.string(),
  /** With the port where it is not 443. */
  url: z.string(),
  server: z.object({ id: serverId, name: z.string() }).optional(),
  /** `name` is in the farm's language, `names` in all: see `nameIn`. */
  package: z.object({ id: packageId, name: z.string(), names: localized.optional(), version: z.string() }),
  plan: z.object({ id: planId, key: z.string(), name: z.string(), names: localized.optional() }),
  limits: resources,
  labels: z.array(z.string()),
  condition: z.object({ mark, code: instanceCode, parameters, sinceMs: instant }),
  seenAtMs: instant.optional(),
  answerMs: z.number().optional(),
  cpuMillicores: z.number().optional(),
  memoryBytes: z.number().optional(),
  diskBytes: z.number().optional(),
  restarts: z.number().int(),
  startedAtMs: instant.optional(),
  createdAtMs: instant,
  jobId: jobId.optional(),
  isPasswordHandedOver: z.boolean(),
});
export type InstanceView = z.infer<typeof instanceView>;

/** The diagnostic path from the visitor to the application; the words are `instances.road.<stone>.<code>`. `road` and `stone` keep the outer names of earlier versions. */
export const pathCheck = z.object({
  stone: z.enum(['name', 'certificate', 'edge', 'application', 'selfCheck']),
  mark,
  code: z.string(),
  parameters,
  checkedAtMs: instant.optional(),
});
export type PathCheck = z.infer<typeof pathCheck>;

export const handOver = z.object({
  url: z.string(),
  userName: z.string().optional(),
  /** Present once: the act of handing over is recorded. */
  password: z.string().optional(),
  /** The letter for the customer in their language. */
  letter: z.string(),
  checkedAtMs: instant.optional(),
  /** The vantage point of the check. The outer name is kept from earlier versions. */
  witness: z.enum(['this-computer', 'servers']),
  needsSiteAuthority: z.boolean(),
});
export type HandOver = z.infer<typeof handOver>;

export const instanceSort = z.enum(['state', 'name', 'customer', 'server', 'package', 'plan', 'memory', 'answer', 'created']);
export const instanceFilter = z.object({
  text: line.max(120).optional(),
  marks: z.array(mark).optional(),
  serverId: serverId.optional(),
  packageId: packageId.optional(),
  customerId: customerId.optional(),
  label: line.max(120).optional(),
});
export type InstanceFilter = z.infer<typeof instanceFilter>;

export const instanceQuery = z.object({
  filter: instanceFilter.default({}),
  sort: instanceSort.default('name'),
  /** Of the reader, for what is sorted by a name that has one in each language; absent: the farm's. */
  language: language.optional(),
  isDescending: z.boolean().default(false),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
});
export const instancePage = z.object({
  total: z.number().int(),
  offset: z.number().int(),
  rows: z.array(instanceView),
  counts: z.object({
    good: z.number(),
    working: z.number(),
    warning: z.number(),
    bad: z.number(),
    paused: z.number(),
    unknown: z.number(),
  }),
});
export type InstancePage = z.infer<typeof instancePage>;

const ref = z.object({ instanceId });
const act = write({ instanceId });
const newParameters = z.record(line, z.union([line, z.number(), z.boolean()]));
/**
 * One line of an instance's log. `atMs` is by the core's clock. Lines of stream `farm` are what the farm itself did: they carry a code (the words
 * are `instances.log.<code>`, of a step `jobs.<type>.<step>.<done|undone>`), who asked for it, and why it failed; their `text` is for programs.
 */
const logLine = z.object({
  atMs: instant,
  stream: z.enum(['out', 'error', 'agent', 'farm']),
  text: z.string(),
  code: z.string().optional(),
  parameters: parameters.optional(),
  actor: actor.optional(),
  failure: failure.optional(),
});
/** `away`: why the server could not be asked; then there is only what the farm did. */
const logPiece = z.object({ lines: z.array(logLine), away: failure.optional() });
export type LogPiece = z.infer<typeof logPiece>;
export type LogLine = z.infer<typeof logLine>;

export const instances = {
  query: look
    .route({ method: 'POST', path: '/instances/query', summary: 'A page of instances: filter, sort, range', tags: ['instances'] })
    .input(instanceQuery)
    .output(instancePage),
  /** The page again whenever a row in it changed, at most every 100 ms. */
  watch: look
    .route({ method: 'POST', path: '/instances/watch', summary: 'Follow a page of instances', tags: ['instances'] })
    .input(instanceQuery)
    .output(eventIterator(instancePage)),
  get: look
    .route({ method: 'GET', path: '/instances/{instanceId}', summary: 'One instance with its diagnostic path', tags: ['instances'] })
    .input(ref)
    .output(z.object({ instance: instanceView, road: z.array(pathCheck) })),
  /**
   * One instance with its diagnostic path, now and after every change, at most every 100 ms; a slow reader gets the newest. It ends only when the
   * instance is removed, and then with `NOT_FOUND`.
   */
  watchOne: look
    .route({ method: 'GET', path: '/instances/by-name/{name}/watch', summary: 'Follow one instance by its name', tags: ['instances'] })
    .input(z.object({ name: line.max(260) }))
    .output(eventIterator(z.object({ instance: instanceView, road: z.array(pathCheck) }))),
  find: look
    .route({ method: 'GET', path: '/instances/by-name/{name}', summary: 'One instance by its name', tags: ['instances'] })
    .input(z.object({ name: line.max(260) }))
    .output(instanceView),
  /** Is the label valid and free? `proposal` when another would be. */
  checkName: look
    .route({ method: 'POST', path: '/instances/check-name', summary: 'Check a name while it is typed', tags: ['instances'] })
    .input(z.object({ name: z.string().max(200), domainId: domainId.optional() }))
    .output(
      z.discriminatedUnion('verdict', [
        z.object({ verdict: z.literal('free'), label: z.string(), url: z.string() }),
        z.object({ verdict: z.literal('refused'), code: z.string(), parameters, proposal: z.string().optional() }),
      ]),
    ),
  /** Would these settings be taken for a new instance? Makes and keeps nothing; throws `PARAMETER_INVALID` for the first that would not. */
  checkParameters: look
    .route({ method: 'POST', path: '/instances/check-parameters', summary: 'Check the settings of a new instance', tags: ['instances'] })
    .input(z.object({ packageId, parameters: newParameters.default({}) }))
    .output(z.object({})),
  create: operate
    .meta({ permission: 'operate', hasSecrets: true })
    .route({ method: 'POST', path: '/instances', summary: 'Create an instance: answers with the job', tags: ['instances'] })
    .input(
      write({
        name: line.min(1).max(200),
        packageId,
        planId: planId.optional(),
        domainId: domainId.optional(),
        serverId: serverId.optional(),
        customer: z
          .object({
            id: customerId.optional(),
            name: line.max(200),
            contact: line.max(200).optional(),
            language: z.enum(['en', 'ru']).optional(),
            externalReference: line.max(200).optional(),
          })
          .optional(),
        labels: z.array(line.max(40)).max(20).optional(),
        parameters: newParameters.optional(),
      }),
    )
    .output(jobView),
  remove: operate
    .route({ method: 'DELETE', path: '/instances/{instanceId}', summary: 'Remove an instance: answers with the job', tags: ['instances'] })
    .input(act)
    .output(jobView),
  start: operate
    .route({
      method: 'POST',
      path: '/instances/{instanceId}/start',
      summary: 'Start an instance: answers with the job',
      tags: ['instances'],
    })
    .input(act)
    .output(jobView),
  stop: operate
    .route({ method: 'POST', path: '/instances/{instanceId}/stop', summary: 'Stop an instance: answers with the job', tags: ['instances'] })
    .input(act)
    .output(jobView),
  restart: operate
    .route({
      method: 'POST',
      path: '/instances/{instanceId}/restart',
      summary: 'Restart an instance: answers with the job',
      tags: ['instances'],
    })
    .input(act)
    .output(jobView),
  suspend: operate
    .route({
      method: 'POST',
      path: '/instances/{instanceId}/suspend',
      summary: 'Suspend an instance, its data is kept: answers with the job',
      tags: ['instances'],
    })
    .input(act)
    .output(jobView),
  resume: operate
    .route({
      method: 'POST',
      path: '/instances/{instanceId}/resume',
      summary: 'Resume a suspended instance: answers with the job',
      tags: ['instances'],
    })
    .input(act)
    .output(jobView),
  /** The recorded act of handing over: the first password comes out once; later answers come without it. */
  handOver: operate
    .meta({ permission: 'operate', hasSecrets: true })
    .route({
      method: 'POST',
      path: '/instances/{instanceId}/hand-over',
      summary: 'Hand over address and first password',
      tags: ['instances'],
    })
    .input(act)
    .output(handOver),
  /** Asks the whole diagnostic path now. */
  check: operate
    .route({ method: 'POST', path: '/instances/{instanceId}/check', summary: 'Check the way to an instance now', tags: ['instances'] })
    .input(act)
    .output(z.object({ instance: instanceView, road: z.array(pathCheck) })),
  log: look
    .route({
      method: 'GET',
      path: '/instances/{instanceId}/log',
      summary: 'The last lines of the log, and what the farm did',
      tags: ['instances'],
    })
    .input(z.object({ instanceId, lines: z.coerce.number().int().min(1).max(5000).default(200) }))
    .output(logPiece),
  /**
   * The last lines, then each new one, in the order in which they were written. A reader that gives the id of its last event gets what came after
   * it. While the server cannot be asked, what the farm does is still told, and the rest when it is back.
   */
  followLog: look
    .route({ method: 'GET', path: '/instances/{instanceId}/log/follow', summary: 'Follow the log', tags: ['instances'] })
    .input(z.object({ instanceId, lines: z.coerce.number().int().min(0).max(1000).default(100) }))
    .output(eventIterator(logPiece)),
};
