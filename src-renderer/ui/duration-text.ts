/* Durations as the program writes them: 0.2 s · 11.4 s · 2 min 10 s · 3 h 5 min. Units come from the language's own data. */
type Unit = 'second' | 'minute' | 'hour' | 'day';

const SPACE = '\u00a0';

/* The shortest unit that cannot be misread: a lone "m" could be a month. */
export function unitWord(language: string, unit: Unit, value: number): string {
  const display = unit === 'minute' ? 'short' : 'narrow';
  const parts = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: display }).formatToParts(value);
  return parts.find((part) => part.type === 'unit')?.value ?? '';
}

export function amount(language: string, value: number, unit: Unit, fractionDigits = 0): string {
  const number = new Intl.NumberFormat(language, {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  }).format(value);
  return `${number}${SPACE}${unitWord(language, unit, value)}`;
}

export function durationText(durationMs: number, language: string): string {
  const ms = Math.max(0, durationMs);
  if (ms < 59_950) return amount(language, ms / 1000, 'second', 1);
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const rest = seconds % 60;
    return rest === 0 ? amount(language, minutes, 'minute') : `${amount(language, minutes, 'minute')} ${amount(language, rest, 'second')}`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const rest = minutes % 60;
    return rest === 0 ? amount(language, hours, 'hour') : `${amount(language, hours, 'hour')} ${amount(language, rest, 'minute')}`;
  }
  return amount(language, Math.round(hours / 24), 'day');
}
