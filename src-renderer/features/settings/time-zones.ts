/** All IANA time zones that this browser knows, with the given ones in front where they are missing. */
export function timeZoneOptions(...own: readonly string[]): { readonly id: string; readonly text: string }[] {
  const known = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']);
  for (const zone of own) known.add(zone);
  return [...known].sort().map((zone) => ({ id: zone, text: zone.replaceAll('_', ' ') }));
}

export const systemTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
