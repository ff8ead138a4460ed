import { useState } from 'react';
import { sayFailure } from '../../lib/failure.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { AddDomain } from './add-domain.tsx';
import { DomainPanel } from './domain-panel.tsx';

/* The person asks: where do my customers' names lead, and does the name server answer? First seen: each domain with its state. What may go
   wrong: a wrong key or a zone that is not there (asked before anything is saved, said in words, with what was typed still there). */

export function DomainsPage() {
  const words = useWords();
  const [isAdding, setAdding] = useState(false);
  const list = useQuery('domains.list', (core) => core.domains.list(), { everyMs: 15_000 });
  usePageTitle(words('domains.page.title'));
  const domains = list.data?.domains;
  if (isAdding && domains !== undefined) return <AddDomain domains={domains} onClose={() => setAdding(false)} />;
  const add = (look: 'primary' | 'quiet') => (
    <Button look={look} icon="plus" onClick={() => setAdding(true)}>
      {words('domains.page.add')}
    </Button>
  );
  return (
    <Page>
      <PageHead
        title={words('domains.page.title')}
        {...(domains !== undefined && domains.length > 0 && { says: words('domains.page.says'), acts: add('primary') })}
      />
      {list.failure !== undefined && (
        <Banner
          state="unknown"
          title={words('domains.page.failed')}
          acts={
            <Button icon="rotate-cw" isBusy={list.isLoading} onClick={list.refresh}>
              {words('domains.page.retry')}
            </Button>
          }
        >
          {sayFailure(words, list.failure)}
        </Banner>
      )}
      {domains === undefined ? (
        list.failure === undefined && <SkeletonRows label={words('domains.page.loading')} />
      ) : domains.length === 0 ? (
        <EmptyState mark={{ icon: 'globe' }} title={words('domains.page.empty.title')} act={add('primary')}>
          {words('domains.page.empty.says')}
        </EmptyState>
      ) : (
        domains.map((domain) => <DomainPanel key={domain.id} domain={domain} others={domains.filter((other) => other.id !== domain.id)} />)
      )}
    </Page>
  );
}
