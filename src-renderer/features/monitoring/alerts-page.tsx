import { useShallow } from 'zustand/react/shallow';
import { sayWorry } from '../../lib/say-worry.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useWords } from '../../lib/use-words.ts';
import { selectIsKnown, selectIsOld, selectWorries, useMirror } from '../../stores/mirror.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Page, PageHead, Stack } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { WorryList, WorryRow } from '../../ui/worry-list.tsx';

function Worries() {
  const words = useWords();
  const worries = useMirror(selectWorries);
  const isOld = useMirror(selectIsOld);
  const jobs = useMirror(useShallow((mirror) => worries.map((worry) => mirror.data?.jobs.get(worry.target.id))));
  if (worries.length === 0) {
    return (
      <Panel look="bare">
        <EmptyState mark={{ state: 'good' }} title={words('monitoring.alerts.quiet')}>
          {words('monitoring.alerts.quietSays')}
        </EmptyState>
      </Panel>
    );
  }
  return (
    <WorryList label={words('monitoring.alerts.title')}>
      {worries.map((worry, index) => {
        const said = sayWorry(words, worry, worry.target.kind === 'job' ? jobs[index] : undefined);
        return (
          <WorryRow
            key={worry.id}
            state={isOld ? 'unknown' : worry.mark}
            word={said.word}
            title={said.title}
            href={said.href}
            age={worry.target.kind === 'certificate' ? undefined : <RelativeTime timeMs={worry.sinceMs} isOld={isOld} />}
            cause={said.cause}
            act={<Button href={said.href}>{said.act}</Button>}
          />
        );
      })}
    </WorryList>
  );
}

/** What needs attention now, complete; and honestly what this page does not do yet. */
export function AlertsPage() {
  const words = useWords();
  const title = words('monitoring.alerts.title');
  usePageTitle(title);
  const isKnown = useMirror(selectIsKnown);
  return (
    <Page>
      <PageHead title={title} says={words('monitoring.alerts.says')} />
      <Stack>
        {isKnown ? <Worries /> : <SkeletonRows label={words('common.loading.farm')} />}
        <Panel title={words('monitoring.alerts.later.title')} look="open">
          <p className="soft">{words('monitoring.alerts.later.says')}</p>
        </Panel>
      </Stack>
    </Page>
  );
}
