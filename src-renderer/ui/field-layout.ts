import type { State } from './types.ts';

export interface FieldPlot {
  id: string;
  name: string;
  href?: string;
  /* The worst of the server and what stands on it. */
  state: State;
  /* Right of the name: "58 %"; only the large form shows it. */
  figure?: string;
  /* The sentence a screen reader reads: "58 % of memory in use, 19 instances, room for 3 more". */
  says: string;
  /* One square per instance. */
  cells: readonly State[];
  /* Hollow squares: room for one more of the smallest plan. */
  roomCount: number;
  /* The server itself is gone: its plot is tinted as one alert. */
  isLost?: boolean;
  /* Not measured lately: greyed, its state colours gone. */
  isOld?: boolean;
  /* The place it stands in. */
  groupId?: string;
}

export interface FieldGroup {
  id: string;
  title: string;
  note: string;
}

/* From 25 servers on the squares shrink, room goes and places get a heading. */
export const LARGE_FORM_AT_MOST = 24;

export interface FieldSection {
  group: FieldGroup | undefined;
  plots: readonly FieldPlot[];
}

export interface FieldLayout {
  isSmall: boolean;
  sections: readonly FieldSection[];
}

/* Groups keep their given order; plots of an unknown or absent group come last, without a heading. */
export function fieldLayout(plots: readonly FieldPlot[], groups: readonly FieldGroup[]): FieldLayout {
  const isSmall = plots.length > LARGE_FORM_AT_MOST;
  if (!isSmall || groups.length < 1) return { isSmall, sections: [{ group: undefined, plots }] };
  const known = new Set(groups.map((group) => group.id));
  const sections: FieldSection[] = groups
    .map((group) => ({ group, plots: plots.filter((plot) => plot.groupId === group.id) }))
    .filter((section) => section.plots.length > 0);
  const rest = plots.filter((plot) => plot.groupId === undefined || !known.has(plot.groupId));
  return { isSmall, sections: rest.length > 0 ? [...sections, { group: undefined, plots: rest }] : sections };
}

/* What one plot draws. A plot of hundreds would push the others away: the rest is said by its sentence. */
export function plotCells(plot: FieldPlot, isSmall: boolean, most = 240): { cells: readonly State[]; roomCount: number } {
  const cells = plot.isOld === true ? plot.cells.map((): State => 'unknown') : plot.cells;
  if (cells.length <= most) return { cells, roomCount: isSmall ? 0 : Math.min(plot.roomCount, most - cells.length) };
  // Alerts are never the part that is left out.
  const alerts = cells.filter((state) => state !== 'good');
  const good = cells.filter((state) => state === 'good');
  return { cells: [...alerts, ...good].slice(0, most), roomCount: 0 };
}
