import type { Totals } from '#contract/api/monitoring.ts';
import type { Translate } from '#words/translate.ts';
import type { Format } from '../../lib/format/format.ts';
import { useFormat, useWords } from '../../lib/use-words.ts';
import { selectAnswerSpark, selectIsOld, selectServers, useSnapshot } from '../../stores/snapshot.ts';
import { Figures, type Figure } from '../../ui/figures.tsx';
import { Spark } from '../../ui/spark.tsx';

type Said = { readonly words: Translate; readonly format: Format; readonly totals: Totals };

/** Number and unit apart, because the number is large. */
function parts(text: string): { readonly value: string; readonly unit: string } {
  const [value = '', unit = ''] = text.split('\u00a0');
  return { value, unit };
}

function answerFigure({ words, format, totals }: Said, spark: readonly (number | null)[]): Figure {
  const title = words('desk.figure.answer');
  const median = totals.answerMedianMs;
  if (median === undefined) {
    return { id: 'answer', title, value: '–', unit: words('desk.figure.answer.none'), says: words('desk.figure.answer.noneSays') };
  }
  const measured = spark.filter((value) => value !== null);
  const label = words('desk.figure.answer.spark', {
    least: format.answer(Math.min(...measured)),
    most: format.answer(Math.max(...measured)),
  });
  return {
    id: 'answer',
    title,
    ...parts(format.answer(median)),
    says: words('desk.figure.answer.says', { most: format.answer(totals.answer95Ms ?? median) }),
    ...(measured.length > 1 && { spark: <Spark values={[...spark]} label={label} /> }),
  };
}

function roomFigure({ words, format, totals }: Said, serverCount: number): Figure {
  const survives =
    serverCount < 2 ? 'one' : totals.survivesOneServer === undefined ? undefined : totals.survivesOneServer ? 'survives' : 'doesNot';
  return {
    id: 'room',
    title: words('desk.figure.room'),
    value: format.number(totals.room),
    unit: words('desk.figure.room.unit', { count: totals.room }),
    says: survives === undefined ? '' : words(`desk.figure.room.${survives}`),
  };
}

function instancesFigure({ words, format, totals }: Said): Figure {
  const odd = (['bad', 'warning', 'paused', 'unknown', 'working'] as const).filter((mark) => totals[mark] > 0);
  const parts = odd.map((mark) => words(`desk.figure.instances.${mark}`, { count: totals[mark] }));
  return {
    id: 'instances',
    title: words('desk.figure.instances'),
    value: format.number(totals.good),
    unit: words('desk.figure.instances.unit', { total: totals.instances }),
    says: parts.length === 0 ? words('desk.figure.instances.all') : words('desk.figure.instances.says', { parts: parts.join(', ') }),
  };
}

function todayFigure({ words, format, totals }: Said): Figure {
  const { createMedianMs } = totals;
  return {
    id: 'today',
    title: words('desk.figure.today'),
    value: format.number(totals.createdToday),
    unit: words('desk.figure.today.unit', { removed: format.number(totals.removedToday) }),
    says:
      createMedianMs === undefined
        ? words('desk.figure.today.none')
        : words('desk.figure.today.says', { duration: format.duration(createMedianMs) }),
  };
}

/** Four figures, each with its sentence. */
export function DeskFigures({ totals }: { totals: Totals }) {
  const words = useWords();
  const format = useFormat();
  const spark = useSnapshot(selectAnswerSpark) ?? [];
  const serverCount = useSnapshot((snapshot) => selectServers(snapshot).length);
  const said = { words, format, totals };
  const isOld = useSnapshot(selectIsOld);
  const figures = [answerFigure(said, spark), roomFigure(said, serverCount), instancesFigure(said), todayFigure(said)];
  // Old numbers go grey; the strip and the banner say how old.
  return (
    <Figures figures={isOld ? figures.map((figure) => ({ ...figure, value: <span className="old">{figure.value}</span> })) : figures} />
  );
}
