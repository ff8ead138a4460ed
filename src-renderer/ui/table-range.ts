/* Which rows a caller is asked for: the visible ones and some on each side, in whole blocks, so that scrolling by one
   row does not ask anew. The end is exclusive. */
export interface RowRange {
  start: number;
  end: number;
}

export const ROWS_PER_BLOCK = 50;

export function askedRange(firstVisible: number, lastVisible: number, rowCount: number, ahead = 30): RowRange {
  if (rowCount <= 0) return { start: 0, end: 0 };
  const from = Math.max(0, Math.min(firstVisible, rowCount - 1) - ahead);
  const to = Math.min(rowCount, Math.max(0, lastVisible) + 1 + ahead);
  return {
    start: Math.floor(from / ROWS_PER_BLOCK) * ROWS_PER_BLOCK,
    end: Math.min(rowCount, Math.ceil(to / ROWS_PER_BLOCK) * ROWS_PER_BLOCK),
  };
}

/* The active row stays inside the table when rows go. */
export function keptActive(active: number, rowCount: number): number {
  return Math.max(0, Math.min(active, rowCount - 1));
}

/* The narrowest the rows may get before the table scrolls sideways: the first pixel size of each track. */
export function leastWidthPx(tracks: readonly string[]): number {
  return tracks.reduce((sum, track) => sum + Number(/([\d.]+)px/u.exec(track)?.[1] ?? 0), 0);
}
