import type { Translate } from '#words/translate.ts';
import { escapeText } from '../ui/escape-text.ts';
import type { Format } from './format/format.ts';

export type SaidThing = { readonly title: string; readonly says: string };

export type Taken = {
  /** The wizard, e.g. *New instance*. */
  readonly title: string;
  /** What it is about, a line each: the address, the customer. */
  readonly about: readonly string[];
  /** The heading above the changes, as on the page. */
  readonly heading: string;
  readonly changes: readonly SaidThing[];
  /** What stands below them: why this server. */
  readonly more?: readonly SaidThing[];
};

/** What a wizard says will change, as plain text in the reader's language, with the farm and the time, so that it can be read without the program. */
export function takenText(words: Translate, format: Format, taken: Taken, farm: string | undefined, atMs: number): string {
  const block = ({ title, says }: SaidThing): string => `${title}\n  ${says}`;
  const head = [
    taken.title,
    ...taken.about,
    ...(farm === undefined ? [] : [words('wizard.take.farm', { farm })]),
    words('wizard.take.at', { time: format.dateTime(atMs), zone: format.timeZone }),
  ];
  const parts = [head.join('\n'), taken.heading, ...taken.changes.map(block), ...(taken.more ?? []).map(block)];
  return `${parts.map((part) => part.split('\n').map(escapeText).join('\n')).join('\n\n')}\n`;
}
