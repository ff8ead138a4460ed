import type { Mark } from '#contract/api/base.ts';

/**
 * Colours stand in lines as private-use characters and become ANSI only when a line is written to a terminal. So text from outside, which is
 * escaped at the same place, can never bring its own.
 */
const inks = {
  plain: '\ue000',
  strong: '\ue001',
  faint: '\ue002',
  good: '\ue003',
  working: '\ue004',
  warning: '\ue005',
  bad: '\ue006',
} as const;
type Ink = Exclude<keyof typeof inks, 'plain'>;
const codes: Readonly<Record<keyof typeof inks, string>> = {
  plain: '0',
  strong: '1',
  faint: '2',
  good: '32',
  working: '36',
  warning: '33',
  bad: '31',
};
const anyInk = /[\ue000-\ue006]/g;

const ink = (kind: Ink, text: string): string => `${inks[kind]}${text}${inks.plain}`;
export const strong = (text: string): string => ink('strong', text);
export const faint = (text: string): string => ink('faint', text);

const signs: Readonly<Record<Mark, string>> = { good: '✓', working: '…', warning: '▲', bad: '✗', paused: '‖', unknown: '?' };
const markInks: Readonly<Record<Mark, Ink>> = {
  good: 'good',
  working: 'working',
  warning: 'warning',
  bad: 'bad',
  paused: 'faint',
  unknown: 'faint',
};

/** A sign and a word: never colour alone. */
export const marked = (mark: Mark, word: string): string => ink(markInks[mark], `${signs[mark]} ${word}`);

export function withoutInks(line: string): string {
  return line.replace(anyInk, '');
}

export function toAnsi(line: string): string {
  return line.replace(anyInk, (character) => {
    const kind = (Object.keys(inks) as (keyof typeof inks)[]).find((name) => inks[name] === character) ?? 'plain';
    return `\u001b[${codes[kind]}m`;
  });
}
