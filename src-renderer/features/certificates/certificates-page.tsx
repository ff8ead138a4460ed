import { useMemo, useState } from 'react';
import type { CertificateView } from '#contract/api/certificates.ts';
import { sayFailure } from '../../lib/failure.ts';
import { paths } from '../../lib/go-to.ts';
import { useCore } from '../../lib/use-core.ts';
import { useJobCall } from '../../lib/use-job-call.ts';
import { usePageTitle } from '../../lib/use-page-title.ts';
import { refreshQueries } from '../../lib/query-client.ts';
import { useQuery } from '../../lib/use-query.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { DataTable, type DataTableColumn } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Columns, Page, PageHead, Stack } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton-rows.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { useNow } from '../../ui/use-now.ts';
import { CertificateDetail } from './certificate-detail.tsx';
import { CertificateTimeline } from './certificate-timeline.tsx';
import { daysLeft, inOrder, leftText, nameOf, stateText, alertOf } from './certificate-view.ts';
import { TrustAuthority } from './trust-authority.tsx';
import './certificates.css';

/* The person asks: does any end, and how do I make my browser stop warning? First seen: the alert, then time as bars. What may go wrong:
   trusting the wrong thing (only the site authority is offered, with its fingerprint), renewing by accident (asked, with what it does). */

function Renew({ certificate, onClose }: { certificate: CertificateView; onClose: (isDone: boolean) => void }) {
  const words = useWords();
  const core = useCore();
  const renew = useJobCall((requestKey) => core.certificates.renew({ requestKey, certificateId: certificate.id }));
  return (
    <ConfirmDialog
      isOpen
      title={words('certificates.renew.title', { name: nameOf(words, certificate) })}
      confirmText={words('certificates.renew.confirm')}
      keepText={words('certificates.renew.keep')}
      isBusy={renew.isBusy}
      onClose={() => onClose(false)}
      onConfirm={() =>
        void renew.run().then((done) => {
          if (done === undefined) return;
          refreshQueries('certificates.');
          onClose(done.state === 'done');
        })
      }
    >
      <p>{words('certificates.renew.says', { servers: certificate.servers.length })}</p>
      {renew.failure !== undefined && <Banner state="bad" title={sayFailure(words, renew.failure)} />}
    </ConfirmDialog>
  );
}

function useColumns(nowMs: number, onChoose: (id: string) => void): readonly DataTableColumn<CertificateView>[] {
  const words = useWords();
  return useMemo(
    () => [
      {
        id: 'names',
        header: words('certificates.page.column.names'),
        width: 'minmax(160px, 2fr)',
        cell: (certificate) => (
          <button type="button" className="name bare-name" onClick={() => onChoose(certificate.id)}>
            {nameOf(words, certificate)}
          </button>
        ),
      },
      {
        id: 'state',
        header: words('certificates.page.column.state'),
        width: 'minmax(150px, 1.2fr)',
        cell: (certificate) => (
          <StateChip look={certificate.condition.mark === 'good' ? 'plain' : 'small'} state={certificate.condition.mark}>
            {stateText(words, certificate, nowMs)}
          </StateChip>
        ),
      },
      {
        id: 'from',
        header: words('certificates.page.column.from'),
        width: 'minmax(140px, 1.4fr)',
        leavesBelowPx: 1180,
        cell: (certificate) => escapeText(certificate.issuer),
      },
      {
        id: 'servers',
        header: words('certificates.page.column.servers'),
        width: 'minmax(100px, .8fr)',
        isNumber: true,
        cell: (certificate) => words('certificates.page.servers', { count: certificate.servers.length }),
      },
      {
        id: 'ends',
        header: words('certificates.page.column.ends'),
        width: 'minmax(100px, .8fr)',
        isNumber: true,
        cell: (certificate) => <span className="strong">{leftText(words, certificate, nowMs)}</span>,
      },
    ],
    [words, nowMs, onChoose],
  );
}

function Known({ certificates }: { certificates: readonly CertificateView[] }) {
  const words = useWords();
  const nowMs = useNow(60_000);
  const [chosenId, setChosenId] = useState<string>();
  const [renewing, setRenewing] = useState<CertificateView>();
  const [done, setDone] = useState<CertificateView>();
  const sorted = inOrder(certificates);
  const alert = alertOf(certificates);
  const follower = sorted.find(({ names }) => done !== undefined && names.join() === done.names.join());
  const chosen =
    sorted.find(({ id }) => id === chosenId) ?? follower ?? alert ?? sorted.find(({ kind }) => kind === 'test-wildcard') ?? sorted[0];
  const columns = useColumns(nowMs, setChosenId);
  return (
    <Stack>
      {alert !== undefined && (
        <Banner
          state={alert.condition.mark === 'bad' ? 'bad' : 'warning'}
          title={words('certificates.alert.title', {
            name: nameOf(words, alert),
            ended: alert.notAfterMs <= nowMs ? 'yes' : 'no',
            days: Math.max(0, daysLeft(alert, nowMs)),
          })}
          {...(alert.kind === 'test-wildcard' && {
            acts: (
              <Button look="primary" icon="rotate-cw" onClick={() => setRenewing(alert)}>
                {words('certificates.renew.act')}
              </Button>
            ),
          })}
        >
          {alert.kind === 'test-wildcard' && words('certificates.alert.says')}
        </Banner>
      )}
      <p className="hidden-text" role="status">
        {done !== undefined && words('certificates.renew.done', { name: nameOf(words, done) })}
      </p>
      <CertificateTimeline certificates={sorted} nowMs={nowMs} />
      <DataTable
        label={words('certificates.page.list')}
        columns={columns}
        rowCount={sorted.length}
        getRow={(index) => sorted[index]}
        getRowId={({ id }) => id}
        rowState={({ condition }) => condition.mark}
        onOpen={({ id }) => setChosenId(id)}
        isTall
        empty={null}
      />
      <Columns look="two">
        {chosen !== undefined && <CertificateDetail key={chosen.id} certificate={chosen} onRenew={() => setRenewing(chosen)} />}
        {sorted.some(({ isPubliclyTrusted }) => !isPubliclyTrusted) && <TrustAuthority />}
      </Columns>
      {renewing !== undefined && (
        <Renew
          certificate={renewing}
          onClose={(isDone) => {
            setRenewing(undefined);
            if (isDone) setDone(renewing);
          }}
        />
      )}
    </Stack>
  );
}

export function CertificatesPage() {
  const words = useWords();
  const list = useQuery('certificates.list', (core) => core.certificates.list(), { everyMs: 30_000 });
  usePageTitle(words('certificates.page.title'));
  const certificates = list.data?.certificates;
  const alerts = certificates?.filter(({ condition }) => condition.mark === 'bad' || condition.mark === 'warning').length ?? 0;
  return (
    <Page>
      <PageHead
        title={words('certificates.page.title')}
        {...(certificates !== undefined &&
          certificates.length > 0 && { says: words('certificates.page.says', { count: certificates.length, alerts }) })}
      />
      {list.failure !== undefined && (
        <Banner
          state="unknown"
          title={words('certificates.page.failed')}
          acts={
            <Button icon="rotate-cw" isBusy={list.isLoading} onClick={list.refresh}>
              {words('common.retry')}
            </Button>
          }
        >
          {sayFailure(words, list.failure)}
        </Banner>
      )}
      {certificates === undefined ? (
        list.failure === undefined && <SkeletonRows label={words('certificates.page.loading')} />
      ) : certificates.length === 0 ? (
        <EmptyState
          mark={{ icon: 'shield-check' }}
          title={words('certificates.page.empty.title')}
          act={
            <Button look="primary" href={paths.domains}>
              {words('certificates.page.empty.act')}
            </Button>
          }
        >
          {words('certificates.page.empty.says')}
        </EmptyState>
      ) : (
        <Known certificates={certificates} />
      )}
    </Page>
  );
}
