import type { InstanceView } from '#contract/api/instances.ts';
import { nameIn } from '#contract/localized-text.ts';
import type { Translate } from '#words/translate.ts';
import type { Format } from '../../lib/format/format.ts';
import { paths } from '../../lib/go-to.ts';
import type { DataTableColumn } from '../../ui/data-table.tsx';
import { escapeText } from '../../ui/escape-text.ts';
import { Meter } from '../../ui/meter.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { StateChip } from '../../ui/state-chip.tsx';

const none = <span className="faint">–</span>;
/** `5.3.8` is too long for a row; the page has all of it. */
const shortVersion = (version: string): string => version.split('.').slice(0, 2).join('.');

function Memory({ row, words, format }: { row: InstanceView; words: Translate; format: Format }) {
  if (row.memoryBytes === undefined) {
    return (
      <span className="load">
        {none}
        <Meter now={null} label={words('instances.page.neverSeen')} />
      </span>
    );
  }
  const share = row.memoryBytes / Math.max(1, row.limits.memoryBytes);
  const { value, unit } = format.bytesParts(row.memoryBytes);
  const { mark } = row.condition;
  return (
    <span className="load">
      <span>
        {value}
        <span className="unit">{unit}</span>
      </span>
      <Meter
        now={share}
        state={mark === 'bad' ? 'bad' : share >= 0.9 || mark === 'warning' ? 'warning' : undefined}
        label={words('instances.list.memory', { percent: Math.round(share * 100) })}
      />
    </span>
  );
}

function Answer({ row, format }: { row: InstanceView; format: Format }) {
  if (row.answerMs === undefined) return none;
  const [value, unit] = format.answer(row.answerMs).split('\u00a0');
  return (
    <>
      {value}
      <span className="unit">{unit}</span>
    </>
  );
}

/** The columns of the list. Made once a language: rows are drawn again only when they or these change. */
export function instanceColumns(words: Translate, format: Format): readonly DataTableColumn<InstanceView>[] {
  const column = (id: 'state' | 'name' | 'customer' | 'package' | 'server' | 'plan' | 'memory' | 'answer' | 'created') => ({
    id,
    header: words(`instances.list.column.${id}`),
    canSort: true,
  });
  return [
    {
      ...column('state'),
      width: 'minmax(172px, 1fr)',
      cell: (row) => (
        <StateChip look="plain" state={row.condition.mark}>
          {words(`instances.state.${row.condition.code}`)}
        </StateChip>
      ),
    },
    {
      ...column('name'),
      width: 'minmax(104px, 1.2fr)',
      cell: (row) => (
        <a className="name" href={paths.instance(row.name)}>
          {row.name}
        </a>
      ),
    },
    {
      ...column('customer'),
      width: 'minmax(120px, 2.4fr)',
      cell: (row) => (row.customer === undefined ? none : escapeText(row.customer.name)),
    },
    {
      ...column('package'),
      width: 'minmax(120px, 1fr)',
      leavesBelowPx: 1180,
      cell: (row) => (
        <>
          {nameIn(words.language, row.package)} <span className="second">{shortVersion(row.package.version)}</span>
        </>
      ),
    },
    { ...column('server'), width: 'minmax(80px, .8fr)', cell: (row) => row.server?.name ?? none },
    { ...column('plan'), width: 'minmax(68px, .4fr)', leavesBelowPx: 1180, cell: (row) => row.plan.key },
    { ...column('memory'), width: 'minmax(140px, 1fr)', isNumber: true, cell: (row) => <Memory row={row} words={words} format={format} /> },
    { ...column('answer'), width: 'minmax(96px, .7fr)', isNumber: true, cell: (row) => <Answer row={row} format={format} /> },
    {
      ...column('created'),
      width: 'minmax(120px, .8fr)',
      isNumber: true,
      leavesBelowPx: 1500,
      cell: (row) => <RelativeTime timeMs={row.createdAtMs} />,
    },
  ];
}
