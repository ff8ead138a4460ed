import type { InstanceIsolation, PortProtection } from '#contract/agent/servers.ts';
import type { HostOs } from './os/host-os.ts';
import type { Isolation } from './os/identity.ts';
import type { AgentClock, AgentFolders, AgentLog } from './ports.ts';
import { prepareHome } from './state/home.ts';

/** Somebody opens or shuts a folder: said within so long, and looked at afresh before anything is started. */
const lookMs = 10_000;

export type IsolationWatch = {
  /** As it was last seen. */
  readonly now: () => Isolation;
  /** Looks afresh, and opens or closes the home's own folders to match. May be called as often as wanted. */
  readonly look: () => Promise<Isolation>;
  readonly onChange: (listener: () => void) => () => void;
  readonly close: () => void;
};

type Needs = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  readonly folders: AgentFolders;
  /** What users of instances must be able to pass, beside what the agent opens itself. */
  readonly paths: readonly string[];
};

/** Watches whether instances can have users of their own here. The home was opened, or closed, to match. */
export function watchIsolation({ os, clock, log, folders, paths }: Needs): IsolationWatch {
  const listeners = new Set<() => void>();
  let stopTimer = (): void => undefined;
  let seen = os.isolation(paths);
  const look = async (): Promise<Isolation> => {
    const next = os.isolation(paths);
    if (JSON.stringify(next) === JSON.stringify(seen)) return seen;
    if ((next.state === 'own') !== (seen.state === 'own')) await prepareHome(folders, os, next.state === 'own');
    seen = next;
    log.warn('isolation', next);
    for (const listener of listeners) listener();
    return seen;
  };
  const again = (): void => {
    stopTimer = clock.after(
      lookMs,
      () =>
        void look()
          .catch((error: unknown) => log.bug(error, { at: 'isolation' }))
          .finally(again),
    );
  };
  again();
  return {
    now: () => seen,
    look,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      stopTimer();
      stopTimer = (): void => undefined;
    },
  };
}

/** As the core is told. `waiting`: instances that run without a user although they could have one. */
export function isolationSign(
  isolation: Isolation,
  running: readonly { readonly user: string }[],
  protection: PortProtection,
): InstanceIsolation {
  const waiting = isolation.state === 'shared' ? 0 : running.filter(({ user }) => user === '').length;
  return {
    state: isolation.state,
    reason: isolation.state === 'own' ? 'none' : isolation.reason,
    path: isolation.state === 'refused' ? isolation.path : '',
    waiting,
    ports: isolation.state === 'shared' && isolation.reason === 'notBuilt' ? 'untold' : protection,
  };
}
