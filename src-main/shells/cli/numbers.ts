import type { Language } from '#contract/ids.ts';

const megabyte = 1024 ** 2;
const gigabyte = 1024 ** 3;

function unit(language: Language, value: number, name: string, digits: number): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);
}

/** Megabytes up to 9 999, then gigabytes; of 2^20 and 2^30 bytes. A missing value is a dash. */
export function bytes(language: Language, value: number | undefined): string {
  if (value === undefined) return '–';
  return value < 10_000 * megabyte ? unit(language, value / megabyte, 'megabyte', 0) : unit(language, value / gigabyte, 'gigabyte', 1);
}

/** `0.2 s`, `11.4 s`, `2 min 10 s`. */
export function duration(language: Language, valueMs: number): string {
  if (valueMs < 59_950) return unit(language, valueMs / 1000, 'second', 1);
  const seconds = Math.round(valueMs / 1000);
  return `${unit(language, Math.floor(seconds / 60), 'minute', 0)} ${unit(language, seconds % 60, 'second', 0)}`;
}

/** `12 s ago`, `3 h ago`. */
export function ago(language: Language, atMs: number | undefined, nowMs: number): string {
  if (atMs === undefined) return '–';
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  const format = new Intl.RelativeTimeFormat(language, { style: 'short' });
  if (seconds < 60) return format.format(-seconds, 'second');
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return format.format(-Math.floor(seconds / 3600), 'hour');
  return format.format(-Math.floor(seconds / 86_400), 'day');
}

/** Date and time in the zone of whoever reads. */
export function moment(language: Language, timeZone: string, atMs: number): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(atMs);
}
