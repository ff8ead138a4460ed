import { paths } from '../../lib/go-to.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs, selectServers, selectTotals, selectAlerts, useSnapshot } from '../../stores/snapshot.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { useNow } from '../../ui/use-now.ts';
import { DemoBanner } from './demo-banner.tsx';
import { DeskField } from './desk-field.tsx';
import { DeskFigures } from './desk-figures.tsx';
import { Lately } from './lately.tsx';
import { QuietDay } from './quiet-day.tsx';
import { DeskAlerts } from './desk-alerts.tsx';
import './desk.css';

const CLOCK_TICK_MS = 10_000;

function NewInstance() {
  const words = useWords();
  return (
    <Button look="primary" icon="plus" keyHint="N" href={paths.newInstance}>
      {words('desk.new')}
    </Button>
  );
}

function useHead() {
  const words = useWords();
  const format = useFormat();
  // Looks at the clock again, so that a desk left open does not say yesterday's day.
  useNow(CLOCK_TICK_MS);
  const nowMs = coreNowMs();
  const totals = useSnapshot(selectTotals);
  const alerts = useSnapshot((snapshot) => selectAlerts(snapshot).length);
  const servers = useSnapshot((snapshot) => selectServers(snapshot).length);
  const day = { day: format.day(nowMs), time: format.time(nowMs) };
  if (totals === undefined) return { title: words('desk.title.waiting'), says: undefined };
  if (alerts > 0) {
    const counts = { count: totals.instances, total: format.number(totals.instances), good: format.number(totals.good) };
    const says = totals.instances === 0 ? words('desk.says.day', day) : words('desk.says.alerts', { ...counts, ...day });
    return { title: words('desk.title.alerts', { count: alerts }), says };
  }
  const title = words(servers === 0 ? 'desk.title.empty' : totals.instances === 0 ? 'desk.title.noInstance' : 'desk.title.quiet');
  return { title, says: words('desk.says.day', day) };
}

function NoServer() {
  const words = useWords();
  return (
    <Panel look="bare">
      <EmptyState
        mark={{ icon: 'server' }}
        title={words('desk.empty.title')}
        act={
          <Button look="primary" icon="plus" href={paths.addServer}>
            {words('desk.empty.act')}
          </Button>
        }
      >
        {words('desk.empty.says')}
      </EmptyState>
    </Panel>
  );
}

function NoInstance() {
  const words = useWords();
  return (
    <Panel look="bare">
      <EmptyState mark={{ icon: 'layers' }} title={words('desk.first.title')} act={<NewInstance />}>
        {words('desk.first.says')}
      </EmptyState>
    </Panel>
  );
}

/** What needs attention first, then the whole farm in one look. */
export function DeskPage() {
  const words = useWords();
  const { title, says } = useHead();
  usePageTitle(title);
  const totals = useSnapshot(selectTotals);
  const hasServers = useSnapshot((snapshot) => selectServers(snapshot).length > 0);
  const hasAlerts = useSnapshot((snapshot) => selectAlerts(snapshot).length > 0);
  const hasInstances = (totals?.instances ?? 0) > 0;
  return (
    <Page>
      <PageHead title={title} says={says} acts={hasServers && hasInstances ? <NewInstance /> : undefined} />
      <DemoBanner />
      {totals === undefined ? (
        <SkeletonRows widths={[40, 90, 84, 88, 60]} label={words('desk.loading')} />
      ) : (
        <>
          {hasAlerts && <DeskAlerts />}
          {!hasServers && <NoServer />}
          {hasServers && !hasInstances && <NoInstance />}
          {!hasAlerts && hasInstances && <QuietDay totals={totals} />}
          {hasServers && (
            <>
              <DeskField totals={totals} />
              {hasInstances && <DeskFigures totals={totals} />}
            </>
          )}
          <Lately />
        </>
      )}
    </Page>
  );
}
