import { useMemo, useState } from 'react';
import type { DomainView } from '#contract/api/domains.ts';
import { fieldsOf } from '#contract/catalogue/providers.ts';
import { sayProvider } from '#words/say-provider.ts';
import { paths } from '../../lib/go-to.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { DataTable, type DataTableColumn } from '../../ui/data-table.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Label } from '../../ui/label.tsx';
import { Row, SectionHead, Stack } from '../../ui/page.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { SearchInput } from '../../ui/text-field.tsx';
import { DomainZone } from './domain-zone.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { RemoveDomain } from './remove-domain.tsx';

type DnsRecord = DomainView['records'][number];
/** From this many records on a search box is of use. */
const SEARCH_FROM = 12;

function useColumns(): readonly DataTableColumn<DnsRecord>[] {
  const words = useWords();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'name',
        header: words('domains.page.column.name'),
        width: 'minmax(180px, 2fr)',
        cell: (record) => <span className="strong">{escapeText(record.name)}</span>,
      },
      { id: 'type', header: words('domains.page.column.type'), width: 'minmax(70px, .5fr)', cell: (record) => escapeText(record.type) },
      {
        id: 'value',
        header: words('domains.page.column.value'),
        width: 'minmax(150px, 1.6fr)',
        cell: (record) => <span className="mono">{escapeText(record.value)}</span>,
      },
      {
        id: 'instance',
        header: words('domains.page.column.instance'),
        width: 'minmax(120px, 1fr)',
        cell: (record) =>
          record.instanceName === '' ? (
            <span className="faint">–</span>
          ) : (
            <a className="name" href={paths.instance(record.instanceName)}>
              {record.instanceName}
            </a>
          ),
      },
      {
        id: 'ttl',
        header: words('domains.page.column.ttl'),
        width: 'minmax(96px, .6fr)',
        isNumber: true,
        cell: (record) => words('domains.page.ttl', { seconds: format.number(record.ttlSeconds) }),
      },
    ],
    [words, format],
  );
}

function Reachable({ domain }: { domain: DomainView }) {
  const words = useWords();
  const { isReachable, checkedAtMs } = domain.dns;
  return (
    <Row>
      {isReachable === undefined ? (
        <StateChip look="plain" state="unknown">
          {words('domains.page.state.unchecked')}
        </StateChip>
      ) : (
        <StateChip look={isReachable ? 'plain' : 'small'} state={isReachable ? 'good' : 'bad'}>
          {words(isReachable ? 'domains.page.state.reachable' : 'domains.page.state.unreachable')}
        </StateChip>
      )}
      {checkedAtMs !== undefined && (
        <span className="faint">
          {words('domains.page.checked')} <RelativeTime timeMs={checkedAtMs} />
        </span>
      )}
    </Row>
  );
}

/** A job brings it or takes it away: no instance begins below it meanwhile, and what stands still has its way out on the job's page. */
function UnderWay({ domain }: { domain: DomainView }) {
  const words = useWords();
  const which = domain.isLeaving === true ? 'leaving' : 'coming';
  return (
    <Banner
      state="warning"
      title={words(`domains.page.${which}`)}
      {...(domain.jobId !== undefined && { acts: <Button href={paths.job(domain.jobId)}>{words('domains.page.toJob')}</Button> })}
    >
      {words(`domains.page.${which}.says`)}
    </Banner>
  );
}

/** One domain: who serves it and whether it answers, what stands in its zone, and the records that the farm made there. */
export function DomainPanel({ domain, others }: { domain: DomainView; others: readonly DomainView[] }) {
  const words = useWords();
  const columns = useColumns();
  const [text, setText] = useState('');
  const [isNewKey, setNewKey] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const wanted = text.trim().toLowerCase();
  const records = domain.records.filter(
    ({ name, value, instanceName }) => wanted === '' || [name, value, instanceName].some((part) => part.toLowerCase().includes(wanted)),
  );
  return (
    <section aria-label={domain.name}>
      <SectionHead
        title={
          <Row>
            {domain.name}
            {domain.isDefault && domain.isLeaving !== true && <Label>{words('domains.page.default')}</Label>}
          </Row>
        }
        says={words('domains.page.served', {
          kind: domain.dns.kind,
          provider: sayProvider(words, domain.dns.kind),
          server: escapeText(domain.dns.server),
        })}
        acts={
          <Row>
            <Reachable domain={domain} />
            {fieldsOf(domain.dns.kind).length > 0 && (
              <Button look="bare" size="small" icon="key-round" onClick={() => setNewKey(true)}>
                {words('domains.key.open')}
              </Button>
            )}
            <Button look="bare" size="small" icon="trash-2" onClick={() => setRemoving(true)}>
              {words('domains.remove.open')}
            </Button>
          </Row>
        }
      />
      {isNewKey && <NewKeyDialog domain={domain} onClose={() => setNewKey(false)} />}
      {isRemoving && <RemoveDomain domain={domain} others={others} onClose={() => setRemoving(false)} />}
      <Stack>
        {domain.dns.isReachable === false && (
          <Banner state="bad" title={words('domains.page.state.unreachable')}>
            {words('domains.page.unreachable.says', { server: escapeText(domain.dns.server) })}
          </Banner>
        )}
        {domain.dns.kind === 'builtin' && <p className="small faint">{words('domains.page.builtin.note')}</p>}
        {domain.isLeaving === true || domain.isComing === true ? <UnderWay domain={domain} /> : <DomainZone domain={domain} />}
        {domain.records.length >= SEARCH_FROM && (
          <Row>
            <SearchInput label={words('domains.page.search')} value={text} onChange={setText} />
          </Row>
        )}
        {domain.records.length === 0 ? (
          <p className="soft">{words('domains.page.records.none')}</p>
        ) : (
          <DataTable
            label={words('domains.page.records', { domain: domain.name })}
            columns={columns}
            rowCount={records.length}
            getRow={(index) => records[index]}
            getRowId={(record) => `${record.name} ${record.type} ${record.value}`}
            maxHeightPx={480}
            empty={<p className="soft">{words('domains.page.records.count', { count: 0 })}</p>}
          />
        )}
      </Stack>
    </section>
  );
}
