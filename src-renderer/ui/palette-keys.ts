/* Which of all items is active after a key. Tab leads to the first item of the next group; null = none of ours. */
export function nextInPalette(key: string, isShift: boolean, active: number, counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  if (key === 'ArrowDown') return (active + 1) % total;
  if (key === 'ArrowUp') return (active - 1 + total) % total;
  if (key === 'Home' || key === 'PageUp') return 0;
  if (key === 'End' || key === 'PageDown') return total - 1;
  if (key !== 'Tab') return null;
  const starts: number[] = [];
  let start = 0;
  for (const count of counts) {
    if (count > 0) starts.push(start);
    start += count;
  }
  const current = starts.findLastIndex((first) => first <= active);
  const next = (current + (isShift ? -1 : 1) + starts.length) % starts.length;
  return starts[next] ?? 0;
}

/* Where the query's words stand in a text, for <mark>; null when one of them is missing. Case does not matter. */
export function matchRanges(query: string, text: string): readonly (readonly [number, number])[] | null {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  const lower = text.toLocaleLowerCase();
  // Lower-casing that changes the length would shift the marks: match, but mark nothing.
  const isAligned = lower.length === text.length;
  const ranges: [number, number][] = [];
  for (const word of words) {
    const at = lower.indexOf(word);
    if (at < 0) return null;
    if (isAligned) ranges.push([at, at + word.length]);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && range[0] <= last[1]) last[1] = Math.max(last[1], range[1]);
    else merged.push([range[0], range[1]]);
  }
  return merged;
}
