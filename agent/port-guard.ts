import type { PortProtection } from '#contract/agent/servers.ts';
import type { PortRules } from './os/listener.ts';
import type { AgentLog, EdgeControl, InstanceStore } from './ports.ts';

export type PortGuard = {
  /** Brings the system's rules to what instances there are now. Resolves when they hold, or cannot. Never throws. */
  readonly refresh: () => Promise<void>;
  readonly now: () => PortProtection;
};

type Needs = {
  /** Undefined where the agent was told to leave the system's rules alone. */
  readonly rules: PortRules | undefined;
  readonly instances: Pick<InstanceStore, 'list'>;
  readonly edge: Pick<EdgeControl, 'listeners' | 'user'>;
  readonly log: AgentLog;
};

/** Keeps strangers from the ports of instances, and instances from this computer, where the system can; elsewhere the agent only looks whose a port is. */
export function createPortGuard({ rules, instances, edge, log }: Needs): PortGuard {
  let protection: PortProtection = 'watched';
  return {
    now: () => protection,
    refresh: async () => {
      if (rules === undefined) return;
      const { https, http } = edge.listeners();
      const ruled = instances
        .list()
        .flatMap(({ port, userId, spec, allowed: network = spec.network }) =>
          userId === undefined
            ? []
            : [{ port, userId, loopbackPorts: network?.loopbackPorts ?? [], reachesMetadata: network?.metadata === true }],
        );
      const user = edge.user();
      const targets = instances.list().map(({ port }) => port);
      const kept = await rules.keep(ruled, [https.port, http.port], user === undefined ? undefined : { ...user, targets });
      const next = kept.isKept ? 'ruled' : 'watched';
      if (next !== protection && !kept.isKept) log.warn('port-rules', { reason: kept.reason, said: kept.said });
      protection = next;
    },
  };
}
