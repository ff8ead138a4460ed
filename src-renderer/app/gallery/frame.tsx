import { type ReactNode, useState } from 'react';
import { JobsTray } from '../../ui/jobs-tray.tsx';
import { Rail } from '../../ui/rail.tsx';
import { Shell } from '../../ui/shell.tsx';
import { Strip } from '../../ui/strip.tsx';
import { farm } from './samples.ts';

const rail = [
  ['desk', 'layout-dashboard', 'Desk'],
  ['instances', 'layers', 'Instances'],
  ['servers', 'server', 'Servers'],
  ['certificates', 'shield-check', 'Certificates'],
  ['domains', 'globe', 'Domains'],
  ['jobs', 'list-checks', 'Jobs'],
  ['alerts', 'bell', 'Alerts'],
] as const;

export function Frame({ current, children, isTrayOpen = false }: { current: string; children: ReactNode; isTrayOpen?: boolean }) {
  const [isOpen, setOpen] = useState(isTrayOpen);
  return (
    <Shell
      skipLabel="Skip to the page"
      rail={
        <Rail
          label="Farm"
          farm={{
            name: farm.farm?.name ?? '',
            note: farm.farm?.defaultDomain ?? '',
            label: 'Choose another farm',
            onOpen: () => undefined,
          }}
          search={{ text: 'Search or act', keyHint: 'Ctrl K', onOpen: () => undefined }}
          items={rail.map(([id, icon, text]) => ({
            id,
            icon,
            text,
            href: `?scene=${id}`,
            isCurrent: id === current,
            count:
              id === 'jobs'
                ? { value: 1, state: 'bad', label: '1 job stopped' }
                : id === 'alerts'
                  ? { value: farm.alerts.length, state: 'bad', label: `${farm.alerts.length} alerts` }
                  : undefined,
          }))}
          lastItems={[{ id: 'settings', icon: 'settings', text: 'Settings', href: '?scene=settings', isCurrent: current === 'settings' }]}
          operator={{ name: 'Marta Kowal', role: 'Farm manager', initials: 'MK' }}
        />
      }
      strip={
        <Strip freshness={{ state: 'good', text: `All ${farm.servers.length} servers answered in the last 5 s` }}>
          <JobsTray
            text="2 jobs running"
            state="working"
            share={0.58}
            progressLabel="Jobs"
            isOpen={isOpen}
            onToggle={setOpen}
            title="Jobs"
            all={{ text: 'All jobs', href: '?scene=jobs' }}
            closeLabel="Close"
            emptyText="No jobs running."
            jobs={[
              {
                id: 'a',
                state: 'working',
                title: 'Emptying Willow',
                says: '3 of 18 moved. Now bramble to Pine, 1.1 of 1.6 GB.',
                duration: '6 min',
                share: 0.24,
                progressLabel: 'Emptying Willow',
              },
              {
                id: 'b',
                state: 'working',
                title: 'Creating juniper',
                says: 'Waiting for the application’s first answer.',
                duration: '3 s',
                share: 0.64,
                progressLabel: 'Creating juniper',
              },
            ]}
          />
        </Strip>
      }
    >
      {children}
    </Shell>
  );
}
