/** Every computer on which an agent runs; the last has not joined when a world begins. */
export const places = ['Oak', 'Pine', 'Larch'] as const;
export type Place = (typeof places)[number];

/** Every computer is reached at two addresses. */
export function addressesAt(place: Place, at: 'first' | 'second' | 'both' = 'both'): string[] {
  const number = places.indexOf(place) + 1;
  const [first, second] = [`198.51.100.${number}`, `198.51.100.${100 + number}`];
  return at === 'both' ? [first, second] : [at === 'first' ? first : second];
}
