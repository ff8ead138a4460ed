import { useState } from 'react';
import type { InstanceView } from '#contract/api/instances.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore, useHost } from '../../lib/use-core.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { useWords } from '../../lib/use-words.ts';
import { coreNowMs, selectIsOld, useSnapshot } from '../../stores/snapshot.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Menu, type MenuItem } from '../../ui/menu.tsx';
import { Columns, Crumbs, Page, PageHead, Row, Stack } from '../../ui/page.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { useNow } from '../../ui/use-now.ts';
import { actIcons, actItems } from './act-menu.tsx';
import { HandOverCard } from './hand-over-card.tsx';
import { actsOf, whyNot } from './instance-acts.ts';
import { InstanceCharts } from './instance-charts.tsx';
import { InstanceFacts } from './instance-facts.tsx';
import { InstanceHistory } from './instance-history.tsx';
import { InstanceLog } from './instance-log.tsx';
import { InstancePath } from './instance-path.tsx';
import { type Acts, useActs } from './use-acts.tsx';
import { type Found, useInstance } from './use-instance.ts';
import './instances.css';

/* Support asks: why can this customer not work? First seen: the diagnostic path, broken where it is broken, with one act that helps. What may go
   wrong: an act on a live customer (asked first, naming what visitors will see), a removal (the name must be typed). */

const OLD_MS = 30_000;
/** How often the age of what is shown is looked at; nothing is asked for it. */
const AGE_EVERY_MS = 5_000;

function useMoreItems(instance: InstanceView, acts: Acts, onCheck: () => void, onHandOver: () => void): MenuItem[] {
  const words = useWords();
  // Restart and suspend or resume stand as buttons already.
  const others = actItems(words, instance, acts.ask).filter(({ id }) => id === 'stop' || id === 'start' || id === 'remove');
  return [
    {
      id: 'handOver',
      icon: 'key-round',
      text: words(instance.isPasswordHandedOver ? 'instances.act.handOverAgain' : 'instances.act.handOver'),
      onRun: onHandOver,
      disabledReason:
        instance.condition.code === 'creating' || instance.condition.code === 'half-made' ? whyNot(words, instance, 'restart') : undefined,
    },
    { id: 'check', icon: 'stethoscope', text: words('instances.act.check'), onRun: onCheck },
    ...others,
  ];
}

function HeadActs({ instance, acts, more }: { instance: InstanceView; acts: Acts; more: MenuItem[] }) {
  const words = useWords();
  const host = useHost();
  const pair = actsOf(instance).find((act) => act === 'suspend' || act === 'resume') ?? 'suspend';
  const isCalm = instance.condition.mark === 'good';
  return (
    <>
      {(['restart', pair] as const).map((act) => (
        <Button
          key={act}
          icon={actIcons[act]}
          isBusy={acts.busy?.instanceId === instance.id && acts.busy.act === act}
          disabledReason={whyNot(words, instance, act)}
          onClick={() => acts.ask(act, instance)}
        >
          {words(`instances.act.${act}`)}
        </Button>
      ))}
      <Menu label={words('instances.act.more')} items={more}>
        <Button icon="ellipsis" label={words('instances.act.more')} />
      </Menu>
      <Button look={isCalm ? 'primary' : 'quiet'} icon="arrow-up-right" onClick={() => void host.openAddress(instance.url)}>
        {words('instances.act.open')}
      </Button>
    </>
  );
}

function Head({ found, acts, more, isOld }: { found: Found; acts: Acts; more: MenuItem[]; isOld: boolean }) {
  const words = useWords();
  const host = useHost();
  const { instance } = found;
  return (
    <PageHead
      crumbs={[
        { text: words('instances.list.title'), href: paths.instances },
        { text: escapeText(instance.customer?.name ?? instance.name) },
      ]}
      crumbsLabel={words('instances.page.crumbs')}
      title={instance.name}
      chip={
        <StateChip state={isOld ? 'unknown' : instance.condition.mark}>{words(`instances.state.${instance.condition.code}`)}</StateChip>
      }
      says={
        <Row>
          <a className="link" href={instance.url} target="_blank" rel="noreferrer">
            {instance.host}
          </a>
          <CopyButton
            text={instance.url}
            label={words('instances.page.copyAddress')}
            copiedLabel={words('instances.page.copied')}
            onCopy={host.copyText}
          />
          <span className="faint">
            {instance.seenAtMs === undefined ? (
              words('instances.page.neverSeen')
            ) : (
              <>
                {words('instances.page.seen')} <RelativeTime timeMs={instance.seenAtMs} isOld={isOld} />
              </>
            )}
          </span>
        </Row>
      }
      acts={<HeadActs instance={instance} acts={acts} more={more} />}
    />
  );
}

function Known({ found, failure }: { found: Found; failure: Parameters<typeof sayFailure>[1] | undefined }) {
  const words = useWords();
  const core = useCore();
  const acts = useActs();
  const isCut = useSnapshot(selectIsOld);
  const [tab, setTab] = useState('overview');
  const [handOver, setHandOver] = useState<'none' | 'asked' | 'shown'>('none');
  const { instance, road } = found;
  const check = useCall((requestKey) => core.instances.check({ requestKey, instanceId: instance.id }));
  const walk = (): void => void check.run();
  useNow(AGE_EVERY_MS);
  const askHandOver = (): void => setHandOver(instance.isPasswordHandedOver ? 'shown' : 'asked');
  const more = useMoreItems(instance, acts, walk, askHandOver);
  const isOld = isCut || failure !== undefined || (instance.seenAtMs !== undefined && coreNowMs() - instance.seenAtMs > OLD_MS);
  const { name } = instance;
  if (handOver === 'shown') {
    return (
      <Page>
        <Crumbs
          label={words('instances.page.crumbs')}
          crumbs={[
            { text: words('instances.list.title'), href: paths.instances },
            { text: name, href: paths.instance(name) },
          ]}
        />
        <HandOverCard instanceId={instance.id} name={name} customer={instance.customer?.name} onLeave={() => setHandOver('none')} />
      </Page>
    );
  }
  const overview = (
    <Stack>
      <InstancePath instance={instance} path={road} ask={(act) => acts.ask(act, instance)} onLog={() => setTab('log')} />
      <Columns>
        <Stack>
          <InstanceCharts instance={instance} />
          <InstanceLog instance={instance} maxHeightPx={240} onWhole={() => setTab('log')} />
        </Stack>
        <Stack>
          <InstanceFacts instance={instance} isOld={isOld} />
          <InstanceHistory instance={instance} />
        </Stack>
      </Columns>
    </Stack>
  );
  return (
    <Page>
      <Head found={found} acts={acts} more={more} isOld={isOld} />
      <Stack>
        {failure !== undefined && <Banner state="unknown" title={sayFailure(words, failure)} />}
        {check.failure !== undefined && <Banner state="bad" title={sayFailure(words, check.failure)} />}
        <Tabs
          label={words('instances.page.tabs', { name })}
          value={tab}
          onChange={setTab}
          tabs={[
            { id: 'overview', text: words('instances.page.tab.overview'), content: overview },
            { id: 'log', text: words('instances.page.tab.log'), content: <InstanceLog instance={instance} maxHeightPx={640} /> },
            { id: 'history', text: words('instances.page.tab.history'), content: <InstanceHistory instance={instance} /> },
          ]}
        />
      </Stack>
      {acts.dialog}
      <ConfirmDialog
        isOpen={handOver === 'asked'}
        title={words('instances.page.handOver.title', { name })}
        confirmText={words('instances.page.handOver.confirm')}
        keepText={words('instances.page.handOver.keep')}
        onClose={() => setHandOver('none')}
        onConfirm={() => setHandOver('shown')}
      >
        {words('instances.page.handOver.says')}
      </ConfirmDialog>
    </Page>
  );
}

/** Another name is another page: nothing of the one before is shown under it. */
export function InstancePage({ name }: { name: string }) {
  return <Named key={name} name={name} />;
}

function Named({ name }: { name: string }) {
  const words = useWords();
  usePageTitle(name);
  const { found, failure, isGone, retry } = useInstance(name);
  if (found !== undefined && !isGone) return <Known key={found.instance.id} found={found} failure={failure} />;
  return (
    <Page>
      <PageHead
        title={name}
        crumbs={[{ text: words('instances.list.title'), href: paths.instances }, { text: name }]}
        crumbsLabel={words('instances.page.crumbs')}
      />
      {isGone ? (
        <EmptyState
          mark={{ icon: 'layers' }}
          title={words('instances.page.gone.title')}
          act={
            <Button look="primary" href={paths.instances}>
              {words('instances.page.gone.back')}
            </Button>
          }
        >
          {words('instances.page.gone.says')}
        </EmptyState>
      ) : failure === undefined ? (
        <SkeletonRows label={words('instances.page.loading', { name })} />
      ) : (
        <Banner
          state="unknown"
          title={words('instances.page.failed', { name })}
          acts={
            <Button icon="rotate-cw" onClick={retry}>
              {words('common.retry')}
            </Button>
          }
        >
          {sayFailure(words, failure)}
        </Banner>
      )}
    </Page>
  );
}
