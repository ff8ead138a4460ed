import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { resources } from '../api/base.ts';
import { command } from './base.ts';
import { edgeHealth } from './edge.ts';

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
  timeZone: z.string(),
  bootedAtMs: z.number(),
});
export type HostFacts = z.infer<typeof hostFacts>;

/** What an agent watches of its own server. A part is absent where it is not known. */
export const serverSigns = z.object({ edge: edgeHealth.optional() });
export type ServerSigns = z.infer<typeof serverSigns>;

export const servers = {
  facts: command.output(hostFacts),
  /** As it is first, then with every change. Agents of the first days lack it. */
  watch: command.output(eventIterator(serverSigns)),
};
