import { faint, withoutInks } from './style.ts';
import { shown } from '../untrusted.ts';

const wide = /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Emoji_Presentation}|[\uff01-\uff60]/u;
const segmenter = new Intl.Segmenter();

/** Cells of a terminal that a text takes: one a grapheme, two where the script is wide. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(withoutInks(text))) width += wide.test(segment) ? 2 : 1;
  return width;
}

const pad = (text: string, width: number, isRight: boolean): string => {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRight ? blanks + text : text + blanks;
};

/** Rows under heads, two blanks apart. Cells may hold anything: what drives a terminal is escaped before it is measured. */
export function columns(heads: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const safe = rows.map((row) => row.map(shown));
  const widths = heads.map((head, index) => Math.max(widthOf(head), ...safe.map((row) => widthOf(row[index] ?? ''))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, right.includes(index)))
      .join('  ')
      .trimEnd();
  return [faint(line(heads)), ...safe.map(line)];
}

/** `label  value` lines, the labels in one column. */
export function facts(pairs: readonly (readonly [label: string, value: string | undefined])[]): string[] {
  const present = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== '');
  const width = Math.max(0, ...present.map(([label]) => widthOf(label)));
  return present.map(([label, value]) => `${faint(pad(label, width, false))}  ${shown(value)}`);
}
