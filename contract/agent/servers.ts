import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { resources } from '../api/base.ts';
import { command } from './base.ts';
import { longestReference } from '../reference.ts';
import { edgeHealth, pageNote } from './edge.ts';

/** Facts about the host. Simulated capacities are labelled. */
export const hostFacts = z.object({
  hostName: z.string(),
  os: z.enum(['linux', 'windows']),
  osName: z.string(),
  osVersion: z.string(),
  arch: z.enum(['x64', 'arm64']),
  nodeVersion: z.string(),
  cpuCount: z.number().int(),
  capacity: resources,
  isSimulated: z.boolean(),
  /** Does every instance run under a user of its own? */
  isIsolated: z.boolean(),
  addresses: z.array(z.object({ address: z.string(), family: z.enum(['IPv4', 'IPv6']), isLoopback: z.boolean() })),
  httpsPort: z.number().int(),
  httpPort: z.number().int(),
  /** Where the edge was told to listen for HTTPS; `0.0.0.0` and `::` are all addresses of their kind. Absent from agents of the first days. */
  edgeAddress: z.string().optional(),
  timeZone: z.string(),
  bootedAtMs: z.number(),
});
export type HostFacts = z.infer<typeof hostFacts>;

/** The disk that the agent's home is on. Full: it may not suffice to start the agent again, or to take an instance away. */
export const homeSpace = z.object({
  path: z.string(),
  freeBytes: z.number(),
  sizeBytes: z.number(),
  isFull: z.boolean(),
  /** UTC milliseconds of the agent's clock. */
  sinceMs: z.number(),
});
export type HomeSpace = z.infer<typeof homeSpace>;

/** `ruled`: rules of the system by owner; `watched`: the agent looks whose a port is before it trusts it; `untold`: the system does not say. */
export const portProtection = z.enum(['ruled', 'watched', 'untold']);
export type PortProtection = z.infer<typeof portProtection>;

/**
 * Under whom instances run. `own`: each under a user of its own; `shared`: all under the agent's, an ordinary one; `refused`: the agent is root and
 * can give them none, so it starts none. `path`: the folder that shuts them out. `waiting`: those that still run without a user of their own, from an
 * earlier agent, and get one at their next restart.
 */
export const instanceIsolation = z.object({
  state: z.enum(['own', 'shared', 'refused']),
  reason: z.enum(['none', 'notRoot', 'notBuilt', 'closedPath', 'noUsers']).catch('none'),
  path: z.string(),
  waiting: z.number().int(),
  ports: portProtection.catch('untold'),
});
export type InstanceIsolation = z.infer<typeof instanceIsolation>;

/** `kept`: the system holds it, whatever an application does. `watched`: the agent measures it and ends who exceeds it. `none`: nobody does. */
const boundHold = z.enum(['kept', 'watched', 'none']).catch('none');
/**
 * How the limits of instances' plans hold: memory, processes, cores, open files and the size of one file. What an instance has on disk in all is always
 * measured and acted on. `reason`: why not all is kept. `waiting`: instances that an earlier agent started without limits, until their next restart.
 */
export const instanceBounds = z.object({
  memory: boundHold,
  processes: boundHold,
  cpu: boundHold,
  files: boundHold,
  reason: z.enum(['none', 'notRoot', 'noGroups', 'refused', 'notBuilt']).catch('none'),
  waiting: z.number().int(),
});
export type InstanceBounds = z.infer<typeof instanceBounds>;

/** What an agent watches of its own server. A part is absent where it is not known. */
export const serverSigns = z.object({
  edge: edgeHealth.optional(),
  home: homeSpace.optional(),
  isolation: instanceIsolation.optional(),
  bounds: instanceBounds.optional(),
});
export type ServerSigns = z.infer<typeof serverSigns>;

/**
 * What a reference leads to on one server. `page`: the friendly page that showed it. `logged`: the line of a log that has it, without stacks and shortened;
 * `log` is the name of the file. UTC milliseconds of the server's clock.
 */
export const serverReference = z.object({
  page: pageNote.optional(),
  logged: z.object({ log: z.string(), atMs: z.number(), line: z.string() }).optional(),
});
export type ServerReference = z.infer<typeof serverReference>;

export const servers = {
  facts: command.output(hostFacts),
  /** Looks among the last thousand friendly pages of the edge, and in the logs of edge and agent. Neither: it is not from here, or too old. */
  findReference: command.input(z.object({ reference: z.string().max(longestReference) })).output(serverReference),
  /** As it is first, then with every change. Agents of the first days lack it. */
  watch: command.output(eventIterator(serverSigns)),
};
