import type { Language } from '#contract/ids.ts';
import { durationText } from '../../ui/duration-text.ts';

/** Numbers and times as the program writes them: thin groups from 1 000, number and unit never part, MB up to 9 999, then GB. */
export type Format = {
  readonly language: Language;
  readonly timeZone: string;
  /** `1 204`; a missing value is an en dash. */
  readonly number: (value: number | undefined, fractionDigits?: number) => string;
  /** `58 %` from 0.58. */
  readonly percent: (share: number | undefined) => string;
  /** `512 MB`, `21 GB`, `1.5 GB`. Megabytes of 2^20. */
  readonly bytes: (bytes: number | undefined) => string;
  /** The number and the unit apart, for figures. */
  readonly bytesParts: (bytes: number) => { readonly value: string; readonly unit: string };
  /** `1.2 MB/s` */
  readonly bytesPerSecond: (bytes: number | undefined) => string;
  /** `86 ms`, from one second on `1.4 s`. */
  readonly answer: (ms: number | undefined) => string;
  /** `11.4 s`, `2 min 10 s`. */
  readonly duration: (ms: number | undefined) => string;
  /** `0.5 CPU` from 500 millicores. */
  readonly cores: (millicores: number | undefined) => string;
  /** `Thursday, 12 November` in the farm's time zone. */
  readonly day: (atMs: number) => string;
  /** `14:32` */
  readonly time: (atMs: number) => string;
  /** `14:32:08` */
  readonly timeWithSeconds: (atMs: number) => string;
  /** `12 November 2026` */
  readonly date: (atMs: number) => string;
  /** `12 November 2026, 14:32` */
  readonly dateTime: (atMs: number) => string;
};

const NONE = '\u2013';
const HARD = '\u00a0';
/** U+202F, the narrow no-break space between groups. */
const GROUP = '\u202f';

const units = {
  en: { bytes: ['B', 'KB', 'MB', 'GB', 'TB'], perSecond: 's', milliseconds: 'ms', cpu: 'CPU' },
  ru: { bytes: ['Б', 'КБ', 'МБ', 'ГБ', 'ТБ'], perSecond: 'с', milliseconds: 'мс', cpu: 'ЦП' },
} as const;
const MEGABYTES = 2;
const GIGABYTES = 3;
/** From this many of a unit on, the next one is taken. */
const fullAt = [1024, 1024, 10_000, 10_000, Number.POSITIVE_INFINITY] as const;

/** Making one costs as much as drawing a row of a list. */
const numberFormats = new Map<string, Intl.NumberFormat>();

function numberFormat(language: Language, fractionDigits: number): Intl.NumberFormat {
  const key = `${language} ${fractionDigits}`;
  const options = { minimumFractionDigits: 0, maximumFractionDigits: fractionDigits, useGrouping: 'always' } as const;
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(language, options);
  numberFormats.set(key, format);
  return format;
}

function numberText(language: Language, value: number, fractionDigits: number): string {
  return numberFormat(language, fractionDigits)
    .formatToParts(value)
    .map((part) => (part.type === 'group' ? GROUP : part.value))
    .join('');
}

/** `fineFrom`: the unit from which on numbers below 100 have one decimal. */
function bytesParts(language: Language, bytes: number, fineFrom = GIGABYTES): { value: string; unit: string } {
  const { bytes: names } = units[language];
  let value = bytes;
  let index = 0;
  while (index < names.length - 1 && Math.abs(value) >= (fullAt[index] ?? 1024)) {
    value /= 1024;
    index += 1;
  }
  const digits = index >= fineFrom && Math.abs(value) < 100 ? 1 : 0;
  return { value: numberText(language, value, digits), unit: names[index] ?? 'B' };
}

/** A day begins the sentence that it stands in; Russian writes weekdays small. */
const capitalized = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** The formats of one language and one IANA time zone. */
export function createFormat(language: Language, timeZone: string): Format {
  // Plain English means "9 November", day first, in the house's own writing.
  const locale = language === 'en' ? 'en-GB' : language;
  const dates = new Map<string, Intl.DateTimeFormat>();
  const date = (options: Intl.DateTimeFormatOptions, atMs: number): string => {
    const key = JSON.stringify(options);
    const format = dates.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone, hourCycle: 'h23', ...options });
    dates.set(key, format);
    return format.format(atMs);
  };
  const number = (value: number | undefined, fractionDigits = 0): string =>
    value === undefined ? NONE : numberText(language, value, fractionDigits);
  const bytes = (value: number | undefined): string => {
    if (value === undefined) return NONE;
    const parts = bytesParts(language, value);
    return `${parts.value}${HARD}${parts.unit}`;
  };
  const dayOf = (atMs: number): string => date({ day: 'numeric', month: 'long', year: 'numeric' }, atMs);
  const time = (atMs: number): string => date({ hour: '2-digit', minute: '2-digit' }, atMs);
  return {
    language,
    timeZone,
    number,
    percent: (share) => (share === undefined ? NONE : `${numberText(language, Math.round(share * 100), 0)}${HARD}%`),
    bytes,
    bytesParts: (value) => bytesParts(language, value),
    bytesPerSecond: (rate) => {
      if (rate === undefined) return NONE;
      const { value, unit } = bytesParts(language, rate, MEGABYTES);
      return `${value}${HARD}${unit}/${units[language].perSecond}`;
    },
    answer: (ms) => {
      if (ms === undefined) return NONE;
      return ms < 1000 ? `${numberText(language, Math.round(ms), 0)}${HARD}${units[language].milliseconds}` : durationText(ms, language);
    },
    duration: (ms) => (ms === undefined ? NONE : durationText(ms, language)),
    cores: (millicores) => (millicores === undefined ? NONE : `${numberText(language, millicores / 1000, 2)}${HARD}${units[language].cpu}`),
    // Put together by hand: British English would leave the comma out, which the house's writing has.
    day: (atMs) => `${capitalized(date({ weekday: 'long' }, atMs))}, ${date({ day: 'numeric', month: 'long' }, atMs)}`,
    time,
    timeWithSeconds: (atMs) => date({ hour: '2-digit', minute: '2-digit', second: '2-digit' }, atMs),
    date: dayOf,
    dateTime: (atMs) => `${dayOf(atMs)}, ${time(atMs)}`,
  };
}
