import { usePageTitle } from '../../lib/use-page-title.ts';
import { useSaidAlerts } from '../../lib/use-said-alerts.ts';
import { useWords } from '../../lib/use-words.ts';
import { selectIsKnown, useSnapshot } from '../../stores/snapshot.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Page, PageHead, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { AlertLines } from '../../ui/alert-list.tsx';

function Alerts() {
  const words = useWords();
  const lines = useSaidAlerts();
  if (lines.length > 0) return <AlertLines label={words('monitoring.alerts.title')} lines={lines} />;
  return (
    <Panel look="bare">
      <EmptyState mark={{ state: 'good' }} title={words('monitoring.alerts.quiet')}>
        {words('monitoring.alerts.quietSays')}
      </EmptyState>
    </Panel>
  );
}

/** What needs attention now, complete; and honestly what this page does not do yet. */
export function AlertsPage() {
  const words = useWords();
  const title = words('monitoring.alerts.title');
  usePageTitle(title);
  const isKnown = useSnapshot(selectIsKnown);
  return (
    <Page>
      <PageHead title={title} says={words('monitoring.alerts.says')} />
      <Stack>
        {isKnown ? <Alerts /> : <SkeletonRows label={words('common.loading.farm')} />}
        <Panel title={words('monitoring.alerts.later.title')} look="open">
          <p className="soft">{words('monitoring.alerts.later.says')}</p>
        </Panel>
      </Stack>
    </Page>
  );
}
