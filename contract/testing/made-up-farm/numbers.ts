/** Numbers and names of made-up farms: seeded, so that two runs photograph the same. */
export const NOW_MS = Date.UTC(2026, 10, 12, 14, 32, 8);
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const MB = 2 ** 20;
export const GB = 2 ** 30;

export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** A UUID of version 7 by kind and number. */
export function uuid(kind: number, number: number): string {
  return `0199a000-${kind.toString(16).padStart(4, '0')}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

export const trees = ['Alder', 'Birch', 'Cedar', 'Elm', 'Hazel', 'Larch', 'Maple', 'Oak', 'Pine', 'Rowan', 'Spruce', 'Willow'] as const;

const names = [
  'anna',
  'marlow',
  'kestrel',
  'clover',
  'juniper',
  'bramble',
  'olivia',
  'tern',
  'harbour',
  'fern',
  'beacon',
  'quill',
  'sorrel',
  'wren',
  'thistle',
];
const customers = [
  'Anna Lindqvist',
  'Marlow & Sons',
  'Kestrel Dental',
  'Clover Bakery',
  'Юнипер, мебель на заказ',
  'Bramble Books',
  'Olivia Brandt Studio',
  'Tern Logistics',
  'Harbour Physiotherapy',
  'Fern & Field Architects',
  'Beacon Insurance Brokers',
  'Quill Translations',
  'Sorrel Kindergarten',
  'Wren Opticians',
  'Thistle Law',
];

export function nameOf(index: number): string {
  const base = names[index % names.length] ?? 'anna';
  return index < names.length ? base : `${base}-${Math.floor(index / names.length) + 1}`;
}
export function customerOf(index: number): string {
  return customers[index % customers.length] ?? 'Anna Lindqvist';
}
