import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useParams,
} from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Frame } from './frame.tsx';
import { BrokenPage, LoadingPage, MissingPage } from './odd-pages.tsx';

/** One line a page. Pages are loaded when somebody goes there; a parameter of the address becomes a prop of the page. */
type Loader = () => Promise<{ readonly Page: ComponentType }>;

const root = createRootRoute({ component: Outlet });
const framed = createRoute({ getParentRoute: () => root, id: 'framed', component: Frame });

const page = <P extends string>(path: P, load: Loader) =>
  createRoute({ getParentRoute: () => framed, path, component: lazyRouteComponent(load, 'Page') });

function useParameter(name: string): string {
  const parameters: Record<string, string | undefined> = useParams({ strict: false });
  return parameters[name] ?? '';
}

const routes = [
  page('/', async () => ({ Page: (await import('../features/desk/desk-page.tsx')).DeskPage })),
  page('/instances', async () => ({ Page: (await import('../features/instances/instances-page.tsx')).InstancesPage })),
  page('/instances/new', async () => ({ Page: (await import('../features/instances/new-instance-page.tsx')).NewInstancePage })),
  page('/instances/$name', async () => {
    const { InstancePage } = await import('../features/instances/instance-page.tsx');
    return { Page: () => <InstancePage name={useParameter('name')} /> };
  }),
  page('/servers', async () => ({ Page: (await import('../features/servers/servers-page.tsx')).ServersPage })),
  page('/servers/add', async () => ({ Page: (await import('../features/servers/add-server-page.tsx')).AddServerPage })),
  page('/servers/$name', async () => {
    const { ServerPage } = await import('../features/servers/server-page.tsx');
    return { Page: () => <ServerPage name={useParameter('name')} /> };
  }),
  page('/certificates', async () => ({ Page: (await import('../features/certificates/certificates-page.tsx')).CertificatesPage })),
  page('/domains', async () => ({ Page: (await import('../features/domains/domains-page.tsx')).DomainsPage })),
  page('/jobs', async () => ({ Page: (await import('../features/jobs/jobs-page.tsx')).JobsPage })),
  page('/jobs/$jobId', async () => {
    const { JobPage } = await import('../features/jobs/job-page.tsx');
    return { Page: () => <JobPage jobId={useParameter('jobId')} /> };
  }),
  page('/alerts', async () => ({ Page: (await import('../features/monitoring/alerts-page.tsx')).AlertsPage })),
  page('/settings', async () => ({ Page: (await import('../features/settings/settings-page.tsx')).SettingsPage })),
];

const firstRun = createRoute({
  getParentRoute: () => root,
  path: '/first-run',
  component: lazyRouteComponent(async () => ({ Page: (await import('../features/settings/first-run-page.tsx')).FirstRunPage }), 'Page'),
});

export function createWindowRouter() {
  return createRouter({
    routeTree: root.addChildren([firstRun, framed.addChildren(routes)]),
    history: createHashHistory(),
    defaultPreload: 'intent',
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    defaultPendingComponent: LoadingPage,
    defaultErrorComponent: BrokenPage,
    defaultNotFoundComponent: MissingPage,
    scrollRestoration: false,
  });
}
