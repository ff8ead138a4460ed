/* What the gallery shows of the made-up farm: nothing here is measured, and nothing here is built into the program. */
import type { InstanceView } from '#contract/api/instances.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { farms } from '#contract/testing/made-up-farm/farms.ts';
import { DAY_MS, MB, NOW_MS, seeded } from '#contract/testing/made-up-farm/numbers.ts';
import { cellsOf, memoryShare, worstOf } from '../../features/desk/field-plots.ts';
import type { FieldGroup, FieldPlot } from '../../ui/field-layout.ts';
import type { State } from '../../ui/types.ts';

export { DAY_MS, NOW_MS };

export function wave(count: number, base: number, swing: number, seed: number): number[] {
  const random = seeded(seed);
  let drift = 0;
  return Array.from({ length: count }, (_, index) => {
    drift = drift * 0.86 + (random() - 0.5) * swing * 0.5;
    return Math.max(0, base + Math.sin((index / count) * Math.PI * 2) * swing + drift);
  });
}

export const STEP_MS = 600_000;

export function lastDay(): number[] {
  return Array.from({ length: 145 }, (_, index) => NOW_MS - DAY_MS + index * STEP_MS);
}

export const farm = farms.attention();
const largeFarm = farms.many();

const placeOf = (index: number): string => (index < 48 ? 'fra' : index < 72 ? 'hel' : 'ams');

function plotOf(server: ServerView): FieldPlot {
  const cells = cellsOf(server.field);
  const percent = Math.round((memoryShare(server) ?? 0) * 100);
  return {
    id: server.id,
    name: server.name,
    href: `#/servers/${server.id}`,
    state: worstOf(server.condition.mark, cells),
    figure: `${percent} %`,
    says: `${percent} % of memory in use, ${cells.length} instances, room for ${server.room ?? 0} more`,
    cells,
    roomCount: server.room ?? 0,
    isLost: server.condition.code === 'agent-or-network',
  };
}

export const plots: readonly FieldPlot[] = farm.servers.map(plotOf);

export const groups: readonly FieldGroup[] = [
  { id: 'fra', title: 'Frankfurt', note: '48 servers' },
  { id: 'hel', title: 'Helsinki', note: '24 servers' },
  { id: 'ams', title: 'Amsterdam', note: '24 servers' },
];

export const manyPlots: readonly FieldPlot[] = largeFarm.servers.map((server, index) => ({
  ...plotOf(server),
  roomCount: 0,
  groupId: placeOf(index),
}));

export interface SampleInstance {
  id: string;
  state: State;
  word: string;
  name: string;
  customer: string;
  application: string;
  server: string;
  plan: string;
  /* Absent: not measured. */
  memoryMb: number | undefined;
  memoryShare: number;
  answerMs: number | undefined;
}

const stateWords: Record<State, string> = {
  bad: 'Down',
  warning: 'Slow',
  unknown: 'Not seen',
  working: 'Starting',
  paused: 'Suspended',
  good: 'Running',
};
const worstFirst = Object.keys(stateWords);

const rowOf = (instance: InstanceView): SampleInstance => ({
  id: instance.id,
  state: instance.condition.mark,
  word: stateWords[instance.condition.mark],
  name: instance.name,
  customer: instance.customer?.name ?? '',
  application: `${instance.package.name} ${instance.package.version}`,
  server: instance.server?.name ?? '',
  plan: instance.plan.name,
  memoryMb: instance.memoryBytes === undefined ? undefined : Math.round(instance.memoryBytes / MB),
  memoryShare: (instance.memoryBytes ?? 0) / instance.limits.memoryBytes,
  answerMs: instance.answerMs,
});

/* Sorted by state, as the table says. */
export const rows: readonly SampleInstance[] = largeFarm.instances
  .map(rowOf)
  .toSorted((a, b) => worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state));

/* The gallery has no shell around it. */
export const copyNowhere = async (): Promise<void> => undefined;
