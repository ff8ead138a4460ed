import { certificates } from './certificates.ts';
import { edge } from './edge.ts';
import { instances } from './instances.ts';
import { link } from './link.ts';
import { monitoring } from './monitoring.ts';
import { packages } from './packages.ts';
import { servers } from './servers.ts';

/** Everything a core may ask of an agent, and all that an agent can do. Named, validated actions only; there is no shell. */
export const agentApi = { certificates, edge, instances, link, monitoring, packages, servers };
export type AgentApi = typeof agentApi;
