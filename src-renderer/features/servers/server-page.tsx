import { useState } from 'react';
import type { ServerView } from '#contract/api/servers.ts';
import { sayServerCure } from '#words/say-server.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useWords } from '../../lib/use-words.ts';
import { coreNowMs, selectIsKnown, selectIsOld, selectServerByName, selectServers, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Label } from '../../ui/label.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Page, PageHead, Row, Stack } from '../../ui/page.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ServerCharts } from './server-charts.tsx';
import { ServerDialogs, type ServerDialog } from './server-dialogs.tsx';
import { ServerFacts } from './server-facts.tsx';
import { ServerInstances } from './server-instances.tsx';
import { isOldAt, stateWord, systemText } from './server-view.ts';

/* The person asks: what is wrong here, and is it getting better? First seen: the alert with its cure, then four charts with one cursor.
   What could go wrong: removing a server that still carries somebody (off, with the reason), or reading old charts as new. */

type Acts = {
  readonly seeInstances: () => void;
  readonly check: () => void;
  readonly undrain: () => void;
  readonly isChecking: boolean;
  readonly isUndraining: boolean;
};

function Alert({ server, acts }: { server: ServerView; acts: Acts }) {
  const words = useWords();
  const cure = sayServerCure(words, server);
  const { mark, code } = server.condition;
  if (cure === undefined || mark === 'good') return null;
  const isDraining = code === 'draining';
  // A full disk is not cured by asking again: what stands on it is the way in.
  const isFull = code === 'disk' && server.field.length > 0;
  const run = isDraining ? acts.undrain : isFull ? acts.seeInstances : acts.check;
  return (
    <Banner
      state={mark}
      title={escapeText(cure.title)}
      acts={
        <Button
          look="primary"
          icon={isDraining ? 'plus' : isFull ? 'layers' : 'rotate-cw'}
          isBusy={isDraining ? acts.isUndraining : acts.isChecking}
          onClick={run}
        >
          {words(isDraining ? 'servers.page.act.undrain' : isFull ? 'servers.page.act.seeInstances' : 'servers.page.act.check')}
        </Button>
      }
    >
      {escapeText(cure.says)}
    </Banner>
  );
}

function HeadActs({ server, acts, open }: { server: ServerView; acts: Acts; open: (dialog: ServerDialog) => void }) {
  const words = useWords();
  const instances = server.field.length;
  const isCalm = server.condition.mark === 'good';
  return (
    <>
      {isCalm && (
        <Button icon="rotate-cw" isBusy={acts.isChecking} onClick={acts.check}>
          {words('servers.page.act.check')}
        </Button>
      )}
      {server.isDraining ? (
        server.condition.code !== 'draining' && (
          <Button icon="plus" isBusy={acts.isUndraining} onClick={acts.undrain}>
            {words('servers.page.act.undrain')}
          </Button>
        )
      ) : (
        <Button icon="pause" onClick={() => open('drain')}>
          {words('servers.page.act.drain')}
        </Button>
      )}
      <Menu
        label={words('servers.page.act.more')}
        items={[
          { id: 'rename', icon: 'square-pen', text: words('servers.page.act.rename'), onRun: () => open('rename') },
          { id: 'addresses', icon: 'globe', text: words('servers.page.act.addresses'), onRun: () => open('addresses') },
          {
            id: 'remove',
            icon: 'trash-2',
            text: words('servers.page.act.remove'),
            isDanger: true,
            onRun: () => open('remove'),
            disabledReason: instances > 0 ? words('servers.page.remove.notEmpty', { instances }) : undefined,
          },
        ]}
      >
        <Button icon="ellipsis" label={words('servers.page.act.more')} />
      </Menu>
    </>
  );
}

function Known({ server }: { server: ServerView }) {
  const words = useWords();
  const core = useCore();
  const servers = useSnapshot(selectServers);
  const isCut = useSnapshot(selectIsOld);
  const [tab, setTab] = useState('load');
  const [dialog, setDialog] = useState<ServerDialog>('none');
  const check = useCall((requestKey) => core.servers.check({ requestKey, serverId: server.id }));
  const undrain = useCall((requestKey) => core.servers.update({ requestKey, serverId: server.id, isDraining: false }));
  const [answer, setAnswer] = useState<{ readonly atMs: number; readonly says: string; readonly isGood: boolean }>();
  const { name } = server;
  const ask = async (): Promise<void> => {
    const found = await check.run();
    if (found === undefined) return;
    const isGood = found.failure === undefined;
    setAnswer({
      atMs: coreNowMs(),
      isGood,
      says: found.failure === undefined ? words('servers.page.answered', { name }) : sayFailure(words, found.failure),
    });
  };
  const acts: Acts = {
    seeInstances: () => setTab('instances'),
    check: () => void ask(),
    undrain: () => void undrain.run(),
    isChecking: check.isBusy,
    isUndraining: undrain.isBusy,
  };
  const failure = check.failure ?? undrain.failure;
  return (
    <Page>
      <PageHead
        crumbs={[{ text: words('servers.list.title'), href: paths.servers }, { text: name }]}
        crumbsLabel={words('servers.page.crumbs')}
        title={name}
        chip={<StateChip state={server.condition.mark}>{stateWord(words, server)}</StateChip>}
        says={
          <Row>
            <span>{words('servers.page.says', { system: systemText(server), instances: server.field.length })}</span>
            {server.isSimulated && <Label>{words('servers.list.simulated')}</Label>}
            <span className="faint" role="status">
              {answer?.isGood === true ? `${answer.says} ` : ''}
              {server.seenAtMs === undefined ? words('servers.page.neverMeasured') : `${words('servers.page.measured')} `}
              {server.seenAtMs !== undefined && <RelativeTime timeMs={server.seenAtMs} isOld={isCut || isOldAt(server, coreNowMs())} />}
            </span>
          </Row>
        }
        acts={<HeadActs server={server} acts={acts} open={setDialog} />}
      />
      <Stack>
        <Alert server={server} acts={acts} />
        {failure !== undefined && <Banner state="bad" title={sayFailure(words, failure)} />}
        {answer?.isGood === false && <Banner state="warning" title={answer.says} />}
        <Tabs
          label={words('servers.page.tabs', { name })}
          value={tab}
          onChange={setTab}
          tabs={[
            { id: 'load', text: words('servers.page.tab.load'), content: <ServerCharts server={server} /> },
            {
              id: 'instances',
              text: (
                <>
                  {words('servers.page.tab.instances')} <span className="faint">{server.field.length}</span>
                </>
              ),
              content: <ServerInstances server={server} />,
            },
            { id: 'facts', text: words('servers.page.tab.facts'), content: <ServerFacts server={server} /> },
          ]}
        />
      </Stack>
      <ServerDialogs
        which={dialog}
        server={server}
        others={servers.filter((other) => other.id !== server.id)}
        onClose={() => setDialog('none')}
      />
    </Page>
  );
}

export function ServerPage({ name }: { name: string }) {
  const words = useWords();
  const isKnown = useSnapshot(selectIsKnown);
  const server = useSnapshot(selectServerByName(name));
  usePageTitle(name);
  if (server !== undefined) return <Known key={server.id} server={server} />;
  return (
    <Page>
      <PageHead
        title={name}
        crumbs={[{ text: words('servers.list.title'), href: paths.servers }, { text: name }]}
        crumbsLabel={words('servers.page.crumbs')}
      />
      {isKnown ? (
        <EmptyState
          mark={{ icon: 'server' }}
          title={words('servers.page.gone.title')}
          act={
            <Button look="primary" href={paths.servers}>
              {words('servers.page.gone.back')}
            </Button>
          }
        >
          {words('servers.page.gone.says')}
        </EmptyState>
      ) : (
        <SkeletonRows label={words('servers.page.loading')} />
      )}
    </Page>
  );
}
