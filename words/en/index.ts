import { agent } from './agent.ts';
import { alerts } from './alerts.ts';
import { certificates } from './certificates.ts';
import { cli } from './cli.ts';
import { common } from './common.ts';
import { customers } from './customers.ts';
import { desk } from './desk.ts';
import { domainJobs } from './domain-jobs.ts';
import { domains } from './domains.ts';
import { edge } from './edge.ts';
import { errors } from './errors.ts';
import { instanceJobs } from './instance-jobs.ts';
import { instances } from './instances.ts';
import { jobChanges } from './job-changes.ts';
import { jobs } from './jobs.ts';
import { monitoring } from './monitoring.ts';
import { packages } from './packages.ts';
import { placement } from './placement.ts';
import { plans } from './plans.ts';
import { providers } from './providers.ts';
import { servers } from './servers.ts';
import { settings } from './settings.ts';
import { shells } from './shells.ts';
import { wizard } from './wizard.ts';

/** Every English sentence of the program. One file per area; keys begin with the area's word. */
export const en = {
  ...agent,
  ...alerts,
  ...certificates,
  ...cli,
  ...common,
  ...customers,
  ...desk,
  ...domainJobs,
  ...domains,
  ...edge,
  ...errors,
  ...instanceJobs,
  ...instances,
  ...jobChanges,
  ...jobs,
  ...monitoring,
  ...packages,
  ...placement,
  ...plans,
  ...providers,
  ...servers,
  ...settings,
  ...shells,
  ...wizard,
} as const;
