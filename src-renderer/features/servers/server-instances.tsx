import type { ServerView } from '#contract/api/servers.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { useLive } from '../../lib/use-live.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Lines } from '../../ui/lines.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';

const SHOWN = 100;

/** What stands on this server, worst first. */
export function ServerInstances({ server }: { server: ServerView }) {
  const words = useWords();
  const format = useFormat();
  const query = { filter: { serverId: server.id }, sort: 'state', isDescending: false, offset: 0, limit: SHOWN } as const;
  const page = useLive(JSON.stringify(query), (core, options) => core.instances.watch(query, options));
  if (page.value === undefined) {
    return page.failure === undefined ? (
      <SkeletonRows label={words('servers.page.loading')} />
    ) : (
      <Banner state="unknown" title={sayFailure(words, page.failure)} />
    );
  }
  const { rows, total } = page.value;
  if (total === 0) {
    return (
      <Panel>
        <EmptyState mark={{ icon: 'layers' }} title={words('servers.page.instances.empty', { name: server.name })} />
      </Panel>
    );
  }
  return (
    <Panel
      look="open"
      foot={
        <>
          {total > rows.length && <span>{words('servers.page.instances.more', { count: total - rows.length })}</span>}
          <span className="spring" />
          <Button look="bare" size="small" icon="layers" href={paths.instances}>
            {words('servers.page.instances.all')}
          </Button>
        </>
      }
    >
      <Lines
        label={words('servers.page.instances.label', { name: server.name })}
        lines={rows.map((row) => ({
          id: row.id,
          mark: row.condition.mark,
          word: words(`instances.state.${row.condition.code}`),
          text: (
            <>
              <a className="name" href={paths.instance(row.name)}>
                {row.name}
              </a>
              {row.customer !== undefined && <span className="faint"> {escapeText(row.customer.name)}</span>}
            </>
          ),
          end: (
            <>
              {row.condition.mark === 'good' ? '' : `${words(`instances.state.${row.condition.code}`)} · `}
              {format.bytes(row.memoryBytes)}
            </>
          ),
        }))}
      />
    </Panel>
  );
}
