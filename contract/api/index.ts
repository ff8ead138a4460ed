import { certificates } from './certificates.ts';
import { customers } from './customers.ts';
import { domains } from './domains.ts';
import { instances } from './instances.ts';
import { jobs } from './jobs.ts';
import { monitoring } from './monitoring.ts';
import { packages } from './packages.ts';
import { placement } from './placement.ts';
import { plans } from './plans.ts';
import { servers } from './servers.ts';
import { settings } from './settings.ts';

/** Everything a window, a panel or a command line may ask of a core. The links, REST and the OpenAPI document derive from this table. */
export const api = { certificates, customers, domains, instances, jobs, monitoring, packages, placement, plans, servers, settings };
export type Api = typeof api;
