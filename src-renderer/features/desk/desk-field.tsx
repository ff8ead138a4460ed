import type { Mark } from '#contract/api/base.ts';
import type { Totals } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { paths } from '../../lib/go-to.ts';
import type { Format } from '../../lib/format/format.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import type { Translate } from '#words/translate.ts';
import { selectIsOld, selectServers, useSnapshot } from '../../stores/snapshot.ts';
import { LARGE_FORM_AT_MOST, type FieldPlot } from '../../ui/field-layout.ts';
import { FieldLegend, FieldMap } from '../../ui/field-map.tsx';
import { SectionHead } from '../../ui/page.tsx';
import { cellsOf, memoryShare, worstOf } from './field-plots.ts';

function plotOf(words: Translate, format: Format, server: ServerView, isOld: boolean): FieldPlot {
  const isLost = server.condition.mark === 'bad';
  const known = cellsOf(server.field);
  // What stands on a lost server was last seen before it was lost.
  const cells = isLost ? known.map((): Mark => 'unknown') : known;
  const memory = memoryShare(server);
  const counts = { instances: cells.length, room: server.room };
  return {
    id: server.id,
    name: server.name,
    href: paths.server(server.name),
    state: worstOf(server.condition.mark, isLost ? [] : cells),
    says:
      memory === undefined
        ? words('desk.field.plotUnmeasured', counts)
        : words('desk.field.plot', { ...counts, memory: format.percent(memory) }),
    cells,
    roomCount: isLost || server.isDraining ? 0 : server.room,
    isLost,
    isOld: isOld || server.condition.mark === 'unknown',
    ...(memory !== undefined && { figure: format.percent(memory) }),
  };
}

/** Only what is there is explained. */
const shownMarks = ['good', 'working', 'warning', 'bad', 'paused', 'unknown'] as const;

/** The field: a server is a plot, an instance a square, a hollow square is room for one more. */
export function DeskField({ totals }: { totals: Totals }) {
  const words = useWords();
  const format = useFormat();
  const servers = useSnapshot(selectServers);
  const isOld = useSnapshot(selectIsOld);
  const plots = servers.map((server) => plotOf(words, format, server, isOld));
  const isLarge = servers.length > LARGE_FORM_AT_MOST;
  const hasLost = servers.some((server) => server.condition.mark === 'bad' && server.field !== '');
  const isSimulated = servers.some((server) => server.isSimulated);
  const says = isLarge
    ? words('desk.field.saysLarge', { servers: format.number(servers.length), instances: format.number(totals.instances) })
    : words('desk.field.says');
  const legend = [
    // Old squares are all grey, so nothing else is explained.
    ...(isOld ? (['unknown'] as const) : shownMarks)
      .filter((mark) => isOld || mark === 'good' || totals[mark] > 0 || (mark === 'unknown' && hasLost))
      .map((mark) => ({ state: mark, text: words(`desk.legend.${mark}`) })),
    ...(isLarge ? [] : [{ state: 'room' as const, text: words('desk.legend.room') }]),
  ];
  return (
    <>
      <SectionHead
        title={words('desk.field.title')}
        says={isSimulated ? `${says}, ${words('desk.field.simulated')}` : says}
        acts={<FieldLegend items={legend} />}
      />
      <div className="desk-field">
        <FieldMap label={words('desk.field.title')} plots={plots} />
      </div>
    </>
  );
}
