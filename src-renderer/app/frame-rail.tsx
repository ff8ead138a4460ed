import { goTo, paths } from '../lib/go-to.ts';
import { useHost } from '../lib/use-core.ts';
import { useQuery } from '../lib/use-query.ts';
import { useWords } from '../lib/use-words.ts';
import { selectFarm, selectJobs, selectAlerts, useSnapshot } from '../stores/snapshot.ts';
import type { IconName } from '../ui/icon-drawings.tsx';
import { Rail, type RailItem } from '../ui/rail.tsx';

const pages = [
  ['desk', 'layout-dashboard', paths.desk, '/'],
  ['instances', 'layers', paths.instances, '/instances'],
  ['servers', 'server', paths.servers, '/servers'],
  ['certificates', 'shield-check', paths.certificates, '/certificates'],
  ['domains', 'globe', paths.domains, '/domains'],
  ['jobs', 'list-checks', paths.jobs, '/jobs'],
  ['alerts', 'bell', paths.alerts, '/alerts'],
  ['settings', 'settings', paths.settings, '/settings'],
] as const satisfies readonly (readonly [string, IconName, string, string])[];

/** Up to two letters of a name, for the round mark beside it. */
export function initialsOf(name: string): string {
  const parts = name.split(/[\s._-]+/u).filter(Boolean);
  return parts
    .slice(0, 2)
    .map((part) => [...part][0]?.toLocaleUpperCase() ?? '')
    .join('');
}

function useOperator() {
  const words = useWords();
  const settings = useQuery('settings.get', (core) => core.settings.get(), { freshMs: 60_000 });
  const operator = settings.data?.operator;
  if (operator === undefined) return undefined;
  return { name: operator.name, role: words(`common.role.${operator.permission}`), initials: initialsOf(operator.name) };
}

/** The rail with its counts: stopped jobs and what needs attention. */
export function FrameRail({ pathname, onSearch }: { pathname: string; onSearch: () => void }) {
  const words = useWords();
  const host = useHost();
  const farm = useSnapshot(selectFarm);
  const stopped = useSnapshot((snapshot) => selectJobs(snapshot).filter((job) => job.state === 'stopped').length);
  const alerts = useSnapshot((snapshot) => selectAlerts(snapshot).length);
  const operator = useOperator();
  const isCurrent = (path: string): boolean => pathname === path || (path !== '/' && pathname.startsWith(`${path}/`));
  const counts: Partial<Record<string, RailItem['count']>> = {
    jobs: { value: stopped, state: 'bad', label: words('common.rail.jobsStopped', { count: stopped }) },
    alerts: { value: alerts, state: 'bad', label: words('common.rail.needAttention', { count: alerts }) },
  };
  const items = pages.map(([id, icon, href, path]) => ({
    id,
    icon,
    href,
    text: words(`common.rail.${id}`),
    isCurrent: isCurrent(path),
    count: counts[id],
  }));
  const note = farm?.defaultDomain || words(farm?.isDemo === true ? 'common.rail.demo' : 'common.rail.noDomain');
  return (
    <Rail
      label={words('common.rail.label')}
      farm={{
        name: farm?.name ?? words('common.rail.noFarm'),
        note,
        label: words('common.rail.farmLabel'),
        onOpen: () => goTo(paths.settings),
      }}
      search={{ text: words('common.rail.search'), keyHint: host.system === 'mac' ? '⌘ K' : 'Ctrl K', onOpen: onSearch }}
      items={items.filter((item) => item.id !== 'settings')}
      lastItems={items.filter((item) => item.id === 'settings')}
      {...(operator !== undefined && { operator })}
    />
  );
}
