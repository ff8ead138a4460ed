/* Two paths of a small drawing: the line, broken at gaps, and the area under its runs. */
export interface SparkPaths {
  line: string;
  area: string;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/* Values fill the height between floor and ceiling with a margin for the stroke; a flat line lies in the middle. */
export function sparkPaths(
  values: readonly (number | null)[],
  width: number,
  height: number,
  bounds: { min?: number; max?: number } = {},
): SparkPaths {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0 || values.length < 2) return { line: '', area: '' };
  const min = bounds.min ?? Math.min(...known);
  const max = bounds.max ?? Math.max(...known);
  const margin = 2.8;
  const y = (value: number): number =>
    max === min ? height / 2 : round(height - margin - ((value - min) / (max - min)) * (height - 2 * margin));
  const x = (index: number): number => round((index * width) / (values.length - 1));
  let line = '';
  let area = '';
  let run: [number, number][] = [];
  const flush = (): void => {
    const first = run[0];
    const last = run.at(-1);
    if (first !== undefined && last !== undefined) {
      const points = run.map(([px, py]) => `${px} ${py}`).join('L');
      line += `M${points}`;
      area += `M${points}L${last[0]} ${height}L${first[0]} ${height}Z`;
    }
    run = [];
  };
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) flush();
    else run.push([x(index), y(value)]);
  });
  flush();
  return { line, area };
}
