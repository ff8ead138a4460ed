import { useEffect, useMemo } from 'react';
import { codedFailure } from '../lib/failure.ts';
import { paths } from '../lib/go-to.ts';
import { usePageTitle } from '../lib/use-page-title.ts';
import { useWords } from '../lib/use-words.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page, PageHead } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton-rows.tsx';

export function LoadingPage() {
  const words = useWords();
  return (
    <Page>
      <SkeletonRows widths={[30, 60, 90, 84, 88]} label={words('common.loading.page')} />
    </Page>
  );
}

export function MissingPage() {
  const words = useWords();
  const title = words('common.page.missing');
  usePageTitle(title);
  return (
    <Page>
      <PageHead title={title} />
      <EmptyState
        mark={{ icon: 'route' }}
        title={title}
        act={
          <Button look="primary" href={paths.desk}>
            {words('common.page.toDesk')}
          </Button>
        }
      >
        {words('common.page.missingSays')}
      </EmptyState>
    </Page>
  );
}

/** A page that threw while it was drawn: the rest of the window stays usable. */
export function BrokenPage({ error, reset }: { error: unknown; reset: () => void }) {
  const words = useWords();
  const failure = useMemo(() => codedFailure(error), [error]);
  const title = words('common.page.broken');
  usePageTitle(title);
  useEffect(() => reset, [reset]);
  return (
    <Page>
      <PageHead title={title} />
      <EmptyState
        mark={{ state: 'bad' }}
        title={title}
        act={
          <Button look="primary" onClick={() => window.location.reload()}>
            {words('common.retry')}
          </Button>
        }
      >
        {words('common.page.brokenSays', { reference: failure.reference ?? failure.code })}
      </EmptyState>
    </Page>
  );
}
