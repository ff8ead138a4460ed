import type { EdgeHealth } from '#contract/agent/edge.ts';
import type { LiveSnapshot } from '#contract/api/monitoring.ts';
import { packageId } from '#contract/ids.ts';
import type { TestCore } from './create-test-core.ts';

/** Makes an instance of every name, one after another. Throws with the failure of the first that does not come to its end. */
export async function createInstances(farm: TestCore, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const job = await farm.client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: farm.key() });
    const { state, failure } = await farm.settled(job);
    if (state !== 'done') throw new Error(`${name} was not made: ${JSON.stringify(failure)}`);
  }
}

/** What a window that opens now is shown. */
export async function snapshotOf(farm: TestCore): Promise<LiveSnapshot> {
  const stop = new AbortController();
  for await (const event of await farm.client.monitoring.watch(undefined, { signal: stop.signal })) {
    stop.abort();
    if (event.kind === 'snapshot') return event.mirror;
  }
  throw new Error('no snapshot');
}

/** What an agent says of its edge: at port 443, with its redirect in order, unless told otherwise. */
export const edgeHealth = (state: EdgeHealth['state'], more: Partial<EdgeHealth> = {}): EdgeHealth => ({
  ...{ state, port: 443, owner: '', cause: '', sinceMs: Date.now(), redirect: { isListening: true, port: 80, owner: '', cause: '' } },
  ...more,
});
