/** When the calendar day that holds `nowMs` began in a time zone, in UTC milliseconds. */
export function dayStartMs(nowMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(nowMs);
  const number = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return nowMs - (number('hour') * 3600 + number('minute') * 60 + number('second')) * 1000 - (nowMs % 1000);
}
