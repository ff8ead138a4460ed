import { unitWord } from './duration-text.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SPACE = '\u00a0';

function tidy(text: string, language: string, unit: 'second' | 'minute' | 'hour'): string {
  // "12 sec. ago" becomes "12 s ago" where the language abbreviates with a full stop; others stay as they are.
  const short = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' })
    .formatToParts(2)
    .find((part) => part.type === 'unit')?.value;
  const chosen = unitWord(language, unit, 2);
  const told = short === undefined ? text : text.replace(` ${short}.`, ` ${chosen}`);
  return told.replace(/(\d) /u, `$1${SPACE}`);
}

/* Plain English means "9 November", day first, in the house's own writing. */
function dateLocale(language: string): string {
  return language === 'en' ? 'en-GB' : language;
}

function startOfDay(timeMs: number): number {
  return new Date(timeMs).setHours(0, 0, 0, 0);
}

/* just now · 12 s ago · 6 min ago · 3 h ago · yesterday 14:20 · 9 November; the future alike. */
export function relativeTimeText(timeMs: number, nowMs: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const offset = timeMs - nowMs;
  const distance = Math.abs(offset);
  const sign = offset < 0 ? -1 : 1;
  if (distance < 2_000) return format.format(0, 'second');
  if (distance < MINUTE_MS) return tidy(format.format(sign * Math.floor(distance / 1000), 'second'), language, 'second');
  if (distance < HOUR_MS) return tidy(format.format(sign * Math.floor(distance / MINUTE_MS), 'minute'), language, 'minute');
  const days = Math.round((startOfDay(timeMs) - startOfDay(nowMs)) / DAY_MS);
  if (days === 0 || distance < 6 * HOUR_MS) {
    return tidy(format.format(sign * Math.floor(distance / HOUR_MS), 'hour'), language, 'hour');
  }
  if (days === -1 || days === 1) {
    const time = new Intl.DateTimeFormat(dateLocale(language), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(timeMs);
    return `${format.format(days, 'day')} ${time}`;
  }
  const isNear = days < 0 ? days > -7 : days < 100;
  if (isNear) return format.format(days, 'day').replace(/(\d) /u, `$1${SPACE}`);
  const isThisYear = new Date(timeMs).getFullYear() === new Date(nowMs).getFullYear();
  return new Intl.DateTimeFormat(dateLocale(language), { day: 'numeric', month: 'long', ...(!isThisYear && { year: 'numeric' }) }).format(
    timeMs,
  );
}

/* The tooltip: date and time to the second. */
export function exactTimeText(timeMs: number, language: string): string {
  return new Intl.DateTimeFormat(dateLocale(language), { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(timeMs);
}

/* How long the text stays right: ages of seconds tick, older ones hardly. */
export function textHoldsForMs(timeMs: number, nowMs: number): number {
  const distance = Math.abs(timeMs - nowMs);
  if (distance < MINUTE_MS) return 1_000;
  return distance < HOUR_MS ? 15_000 : 60_000;
}
