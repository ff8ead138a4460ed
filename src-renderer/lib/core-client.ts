import { createORPCClient, DynamicLink } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Api } from '#contract/api/index.ts';
import { createCoreLink, type CoreLink, type OpenCoreWay, type Timers } from './core-link.ts';

/** The typed client of a core, near or far: `core.instances.create({…})`. */
export type CoreClient = ContractRouterClient<Api>;

export type CoreConnection = { readonly client: CoreClient; readonly link: CoreLink };

/**
 * Connects to a core and stays connected. A call while the link is lost waits a moment for a new one, then throws
 * `LinkLostError`; streams end with the link and are begun again by `followStream`.
 */
export function connectCore(open: OpenCoreWay, timers?: Timers): CoreConnection {
  const link = createCoreLink(open, timers);
  const dynamic = new DynamicLink(async () => (await link.way()).link as never);
  return { client: createORPCClient<CoreClient>(dynamic), link };
}
