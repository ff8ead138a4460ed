import type { LiveInstance } from '../../ports/agents.ts';

/** What is live of all instances, found by instance and by server: an agent's whole list costs what is on its server, and nothing for all others. */
export class LiveInstances {
  readonly #all = new Map<string, LiveInstance>();
  readonly #byServer = new Map<string, Map<string, LiveInstance>>();

  get(instanceId: string): LiveInstance | undefined {
    return this.#all.get(instanceId);
  }

  /** One that has moved is on its new server only. */
  set(seen: LiveInstance): void {
    const { instanceId } = seen.instance;
    const before = this.#all.get(instanceId);
    if (before !== undefined && before.serverId !== seen.serverId) this.delete(instanceId);
    this.#all.set(instanceId, seen);
    const there = this.#byServer.get(seen.serverId);
    if (there === undefined) this.#byServer.set(seen.serverId, new Map([[instanceId, seen]]));
    else there.set(instanceId, seen);
  }

  /** False when it was not there. */
  delete(instanceId: string): boolean {
    const seen = this.#all.get(instanceId);
    if (seen === undefined) return false;
    this.#all.delete(instanceId);
    const there = this.#byServer.get(seen.serverId);
    there?.delete(instanceId);
    if (there?.size === 0) this.#byServer.delete(seen.serverId);
    return true;
  }

  /** In the order in which they were first seen. */
  of(serverId: string): LiveInstance[] {
    return [...(this.#byServer.get(serverId)?.values() ?? [])];
  }

  /** Those of a server that are not in its whole list. */
  missing(serverId: string, whole: readonly { readonly instanceId: string }[]): string[] {
    const there = new Set(whole.map(({ instanceId }) => instanceId));
    return [...(this.#byServer.get(serverId)?.keys() ?? [])].filter((instanceId) => !there.has(instanceId));
  }
}
