import { useMemo } from 'react';
import type { ServerView } from '#contract/api/servers.ts';
import { goTo, paths } from '../../lib/go-to.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { coreNowMs, selectIsKnown, selectIsOld, selectServers, selectTotals, useSnapshot } from '../../stores/snapshot.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable, type DataTableColumn } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Label } from '../../ui/label.tsx';
import { Meter, MeterLegend } from '../../ui/meter.tsx';
import { Page, PageHead } from '../../ui/page.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { isOldAt, meterSays, type ResourceName, sharesOf, stateWord, systemText } from './server-view.ts';

/* The person asks: can I take more customers, and does a server need me? First seen: exceptions as filled chips, then load against promise.
   What could go wrong: taking a simulated size for a real one (labelled), old numbers for new ones (grey, with their age). */

function Load({ server, resource, isOld }: { server: ServerView; resource: ResourceName; isOld: boolean }) {
  const words = useWords();
  const format = useFormat();
  const shares = sharesOf(server, resource);
  return (
    <span className={isOld ? 'load old' : 'load'}>
      <span>{format.percent(shares.now ?? undefined)}</span>
      <Meter
        now={shares.now}
        reserved={shares.reserved}
        peak={shares.peak}
        state={isOld ? undefined : shares.state}
        label={meterSays(words, resource, shares)}
      />
    </span>
  );
}

function Name({ server }: { server: ServerView }) {
  const words = useWords();
  return (
    <>
      <a className="name" href={paths.server(server.name)}>
        {server.name}
      </a>
      {server.isSimulated && (
        <>
          {' '}
          <Label>{words('servers.list.simulated')}</Label>
        </>
      )}
      <span className="sub">{systemText(server)}</span>
    </>
  );
}

function useColumns(isCut: boolean): readonly DataTableColumn<ServerView>[] {
  const words = useWords();
  const format = useFormat();
  return useMemo(() => {
    const load = (resource: ResourceName): DataTableColumn<ServerView>['cell'] =>
      function LoadCell(server) {
        return <Load server={server} resource={resource} isOld={isCut || isOldAt(server, coreNowMs())} />;
      };
    const number = { isNumber: true } as const;
    return [
      { id: 'name', header: words('servers.list.column.name'), width: 'minmax(160px, 2fr)', cell: (server) => <Name server={server} /> },
      {
        id: 'state',
        header: words('servers.list.column.state'),
        width: 'minmax(150px, 1.2fr)',
        cell: (server) => (
          <StateChip look={server.condition.mark === 'good' ? 'plain' : 'small'} state={server.condition.mark}>
            {stateWord(words, server)}
          </StateChip>
        ),
      },
      {
        id: 'instances',
        header: words('servers.list.column.instances'),
        width: 'minmax(104px, .7fr)',
        ...number,
        cell: (server) => format.number(server.field.length),
      },
      {
        id: 'room',
        header: words('servers.list.column.room'),
        width: 'minmax(88px, .7fr)',
        ...number,
        cell: (server) => (server.room > 0 ? format.number(server.room) : words('servers.list.room.none')),
      },
      {
        id: 'cpu',
        header: words('servers.list.column.processor'),
        width: 'minmax(130px, 1fr)',
        ...number,
        leavesBelowPx: 1180,
        cell: load('cpu'),
      },
      { id: 'memory', header: words('servers.list.column.memory'), width: 'minmax(130px, 1fr)', ...number, cell: load('memory') },
      { id: 'disk', header: words('servers.list.column.disk'), width: 'minmax(130px, 1fr)', ...number, cell: load('disk') },
      {
        id: 'measured',
        header: words('servers.list.column.measured'),
        width: 'minmax(112px, .8fr)',
        ...number,
        cell: (server) =>
          server.seenAtMs === undefined ? '–' : <RelativeTime timeMs={server.seenAtMs} isOld={isCut || isOldAt(server, coreNowMs())} />,
      },
    ];
  }, [words, format, isCut]);
}

function Legend({ servers }: { servers: readonly ServerView[] }) {
  const words = useWords();
  return (
    <div className="stack">
      <div className="row is-wide">
        <MeterLegend
          now={words('servers.list.legend.now')}
          reserved={words('servers.list.legend.promised')}
          peak={words('servers.list.legend.busiest')}
        />
        <span className="small faint">{words('servers.list.legend.room')}</span>
      </div>
      {servers.some((server) => server.isSimulated) && <p className="small faint">{words('servers.list.legend.simulated')}</p>}
    </div>
  );
}

export function ServersPage() {
  const words = useWords();
  const isKnown = useSnapshot(selectIsKnown);
  const isCut = useSnapshot(selectIsOld);
  const servers = useSnapshot(selectServers);
  const format = useFormat();
  const survives = useSnapshot((snapshot) => selectTotals(snapshot)?.survivesOneServer);
  const columns = useColumns(isCut);
  usePageTitle(words('servers.list.title'));
  const instances = servers.reduce((sum, server) => sum + server.field.length, 0);
  const survivesWord = survives === undefined || servers.length < 2 ? 'unknown' : survives ? 'yes' : 'no';
  const add = (
    <Button look="primary" icon="plus" href={paths.addServer}>
      {words('servers.list.add')}
    </Button>
  );
  return (
    <Page width="wide">
      <PageHead
        title={words('servers.list.title')}
        {...(servers.length > 0 && {
          says: words('servers.list.says', { instances, count: format.number(instances), servers: servers.length, survives: survivesWord }),
          acts: add,
        })}
      />
      {isKnown ? (
        <div className="stack">
          <DataTable
            label={words('servers.list.label')}
            columns={columns}
            rowCount={servers.length}
            getRow={(index) => servers[index]}
            getRowId={(server) => server.id}
            rowState={(server) => server.condition.mark}
            onOpen={(server) => goTo(paths.server(server.name))}
            isTall
            maxHeightPx={4400}
            empty={
              <EmptyState mark={{ icon: 'server' }} title={words('servers.list.empty.title')} act={add}>
                {words('servers.list.empty.says')}
              </EmptyState>
            }
          />
          {servers.length > 0 && <Legend servers={servers} />}
        </div>
      ) : (
        <SkeletonRows label={words('servers.list.loading')} />
      )}
    </Page>
  );
}
