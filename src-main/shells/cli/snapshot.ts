import type { LiveSnapshot } from '#contract/api/monitoring.ts';
import type { CoreClient } from './command.ts';

/** The farm at a glance, once. Throws as a cut connection does where the program ends before it has told anything. */
export async function snapshotOf(client: CoreClient): Promise<LiveSnapshot> {
  for await (const event of await client.monitoring.watch()) if (event.kind === 'snapshot') return event.mirror;
  throw new TypeError('terminated');
}
