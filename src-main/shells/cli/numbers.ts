import type { Translate } from '#words/translate.ts';

const megabyte = 1024 ** 2;
const gigabyte = 1024 ** 3;

/** One decimal where it helps: always below ten of the larger unit, never in the smaller. */
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Megabytes up to 9 999, then gigabytes; of 2^20 and 2^30 bytes. Whole and half gigabytes, as people choose them, are said as such. A missing value is a dash. */
export function bytes(t: Translate, value: number | undefined): string {
  if (value === undefined) return '–';
  const isChosen = value >= gigabyte && value % (gigabyte / 2) === 0;
  if (value < 10_000 * megabyte && !isChosen) return t('cli.unit.megabytes', { value: rounded(value / megabyte, 0) });
  return t('cli.unit.gigabytes', { value: rounded(value / gigabyte, 1) });
}

/** `0.2 s`, `11.4 s`, `2 min 10 s`. */
export function duration(t: Translate, valueMs: number): string {
  if (valueMs < 59_950) return t('cli.unit.seconds', { value: rounded(valueMs / 1000, 1) });
  const seconds = Math.round(valueMs / 1000);
  return t('cli.unit.minutes', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}

/** `12 s ago`, `3 h ago`, `2 days ago`. */
export function ago(t: Translate, atMs: number | undefined, nowMs: number): string {
  if (atMs === undefined) return '–';
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  if (seconds < 5) return t('cli.ago.now');
  if (seconds < 60) return t('cli.ago.seconds', { value: seconds });
  if (seconds < 3600) return t('cli.ago.minutes', { value: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t('cli.ago.hours', { value: Math.floor(seconds / 3600) });
  return t('cli.ago.days', { value: Math.floor(seconds / 86_400) });
}

/** Date and time in the zone of whoever reads. */
export function moment(t: Translate, atMs: number): string {
  return new Intl.DateTimeFormat(t.language === 'en' ? 'en-GB' : t.language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: t.timeZone,
  }).format(atMs);
}
