/* Made-up data for the gallery: nothing here is measured, and nothing here is built into the program. */
import type { FieldGroup, FieldPlot } from '../../ui/field-layout.ts';
import type { State } from '../../ui/types.ts';

/* A small generator with a seed, so that two pictures of the gallery can be compared. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export function wave(count: number, base: number, swing: number, seed: number): number[] {
  const random = seeded(seed);
  let drift = 0;
  return Array.from({ length: count }, (_, index) => {
    drift = drift * 0.86 + (random() - 0.5) * swing * 0.5;
    return Math.max(0, base + Math.sin((index / count) * Math.PI * 2) * swing + drift);
  });
}

export const NOW_MS = Date.UTC(2026, 10, 12, 14, 32, 0);
export const DAY_MS = 86_400_000;
export const STEP_MS = 600_000;

export function lastDay(): number[] {
  return Array.from({ length: 145 }, (_, index) => NOW_MS - DAY_MS + index * STEP_MS);
}

const trees: [string, number, number, number, State][] = [
  ['Alder', 58, 19, 3, 'good'],
  ['Birch', 52, 18, 4, 'good'],
  ['Cedar', 61, 18, 3, 'good'],
  ['Elm', 83, 17, 1, 'bad'],
  ['Hazel', 55, 18, 2, 'warning'],
  ['Larch', 41, 17, 11, 'good'],
  ['Maple', 49, 18, 5, 'good'],
  ['Oak', 57, 20, 4, 'good'],
  ['Pine', 46, 18, 7, 'good'],
  ['Rowan', 50, 16, 6, 'good'],
  ['Spruce', 53, 18, 5, 'good'],
  ['Willow', 28, 15, 0, 'paused'],
];

const oddCells: Record<string, [number, State]> = {
  Birch: [6, 'paused'],
  Elm: [7, 'bad'],
  Hazel: [11, 'warning'],
  Larch: [16, 'working'],
  Maple: [3, 'paused'],
  Rowan: [15, 'bad'],
  Willow: [2, 'working'],
};

export const plots: readonly FieldPlot[] = trees.map(([name, percent, count, roomCount, state]) => ({
  id: name,
  name,
  href: `#/servers/${name}`,
  state,
  figure: `${percent} %`,
  says: `${percent} % of memory in use, ${count} instances, room for ${roomCount} more`,
  cells: Array.from({ length: count }, (_, index): State => (oddCells[name]?.[0] === index ? oddCells[name][1] : 'good')),
  roomCount,
}));

export const groups: readonly FieldGroup[] = [
  { id: 'fra', title: 'Frankfurt', note: '48 servers' },
  { id: 'hel', title: 'Helsinki', note: '24 servers' },
  { id: 'ams', title: 'Amsterdam', note: '24 servers' },
];

export const manyPlots: readonly FieldPlot[] = groups.flatMap((group, which) => {
  const random = seeded(which + 3);
  return Array.from({ length: which === 0 ? 48 : 24 }, (_, index) => {
    const name = `${group.id}-${String(index + 1).padStart(2, '0')}`;
    const isLost = name === 'fra-17';
    const state: State = isLost ? 'bad' : name === 'fra-31' ? 'warning' : name === 'hel-14' ? 'paused' : 'good';
    const cells = Array.from(
      { length: 18 + Math.floor(random() * 8) },
      (): State => (isLost ? 'bad' : random() < 0.004 ? 'working' : 'good'),
    );
    if (name === 'fra-31') cells[6] = 'warning';
    return {
      id: name,
      name,
      href: `#/servers/${name}`,
      state,
      says: `${cells.length} instances`,
      cells,
      roomCount: 0,
      isLost,
      groupId: group.id,
    };
  });
});

export interface SampleInstance {
  id: string;
  state: State;
  word: string;
  name: string;
  customer: string;
  application: string;
  server: string;
  plan: string;
  memoryMb: number;
  memoryShare: number;
  answerMs: number;
}

const names = [
  'acorn',
  'adler',
  'anna',
  'aurora',
  'bakerstreet',
  'beacon',
  'bellweather',
  'borealis',
  'bramble',
  'carraway',
  'clover',
  'dacha',
];
const customers = [
  'Acorn Kindergarten',
  'Adler Logistik',
  'Anna Lindqvist',
  'Aurora Clinic',
  'Baker Street Books',
  'Дачный союз «Берёзка»',
];
const states: [State, string][] = [
  ['bad', 'Down'],
  ['bad', 'Not created'],
  ['warning', 'Slow'],
  ['working', 'Starting'],
];

export function sampleInstance(index: number): SampleInstance {
  const random = seeded(index * 7919 + 17);
  random();
  const [state, word] = states[index] ?? (index % 9 === 5 ? ['paused', 'Suspended'] : ['good', 'Running']);
  const share = state === 'bad' ? 0.98 : state === 'warning' ? 0.81 : random() * 0.7;
  return {
    id: `instance-${index}`,
    state: state as State,
    word,
    name: `${names[index % names.length]}${index < names.length ? '' : `-${index}`}`,
    customer: customers[index % customers.length] ?? '',
    application: ['Teamline 6.2', 'Node-RED 4.1', 'TiddlyWiki 5.3'][index % 3] ?? '',
    server: trees[index % trees.length]?.[0] ?? '',
    plan: ['S', 'M', 'L'][index % 3] ?? 'S',
    memoryMb: Math.round(share * 1024),
    memoryShare: share,
    answerMs: Math.round(50 + random() * 80),
  };
}

/* The gallery has no shell around it. */
export const copyNowhere = async (): Promise<void> => undefined;
