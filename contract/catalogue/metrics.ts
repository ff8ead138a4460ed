import type { Resources } from '../api/base.ts';

/** Whose metric it is. */
export type MetricSubject = 'server' | 'instance';
/** Where an agent measures. `simulated`: a server with made-up capacities on a machine that it shares; what it uses is what its instances use. */
export const metricSystems = ['linux', 'windows', 'simulated'] as const;
export type MetricSystem = (typeof metricSystems)[number];

/** Why a system has no collector. `performance-counters`: Node does not tell it there, the system's own counters would. */
export type AbsentReason = 'performance-counters';

/** Of the values as they are measured, sent and stored. `share`: from 0 to 1. REST and charts also tell `percent`. */
export const metricUnits = ['bytes', 'bytesPerSecond', 'milliseconds', 'millicores', 'share'] as const;

/** One row: everything that agent, core, REST and window take from a metric. Its words are `monitoring.metric.<subject>.<metric>`. */
export type MetricRow = {
  readonly unit: (typeof metricUnits)[number];
  /** `gauge`: one look gives the value. `rate`: a counter that only rises, looked at twice; the value is its rise per second. */
  readonly kind: 'gauge' | 'rate';
  /** What 100 % is: that resource of the server's capacity, or of the instance's plan. Null: nothing bounds it. */
  readonly bound: keyof Resources | null;
  /** As charts and REST give it: as it is, or as percent of its bound, or of one core. */
  readonly told: 'as-is' | 'percent-of-bound' | 'percent-of-core';
  /** The chart that it is a line of, see `chartGroups`; null: in no chart and no history. */
  readonly group: string | null;
  /** Systems without a collector, and why. On every other one the agent must have it. */
  readonly absentOn: { readonly [S in MetricSystem]?: AbsentReason };
};
export type MetricRows = Readonly<Record<string, MetricRow>>;
export type MetricCatalogue = { readonly [S in MetricSubject]: MetricRows };

/** In the order of the lines in their charts and in REST. A value that is not there was not measured: absent is never zero. */
export const metricCatalogue = {
  server: {
    cpu: { unit: 'millicores', kind: 'rate', bound: 'cpuMillicores', told: 'percent-of-bound', group: 'processor', absentOn: {} },
    memory: { unit: 'bytes', kind: 'gauge', bound: 'memoryBytes', told: 'as-is', group: 'memory', absentOn: {} },
    disk: { unit: 'bytes', kind: 'gauge', bound: 'diskBytes', told: 'as-is', group: 'disk', absentOn: {} },
    networkOut: {
      unit: 'bytesPerSecond',
      kind: 'rate',
      bound: null,
      told: 'as-is',
      group: 'network',
      absentOn: { windows: 'performance-counters' },
    },
    networkIn: {
      unit: 'bytesPerSecond',
      kind: 'rate',
      bound: null,
      told: 'as-is',
      group: 'network',
      absentOn: { windows: 'performance-counters' },
    },
  },
  instance: {
    /** The last answer to the health check. */
    answer: { unit: 'milliseconds', kind: 'gauge', bound: null, told: 'as-is', group: 'answer', absentOn: {} },
    memory: {
      unit: 'bytes',
      kind: 'gauge',
      bound: 'memoryBytes',
      told: 'as-is',
      group: 'memory',
      absentOn: { windows: 'performance-counters' },
    },
    cpu: {
      unit: 'millicores',
      kind: 'rate',
      bound: null,
      told: 'percent-of-core',
      group: 'processor',
      absentOn: { windows: 'performance-counters' },
    },
    /** 1 healthy, 0 not, absent where it was not asked. */
    health: { unit: 'share', kind: 'gauge', bound: null, told: 'as-is', group: null, absentOn: {} },
  },
} as const satisfies MetricCatalogue;

export type ServerMetric = keyof typeof metricCatalogue.server;
export type InstanceMetric = keyof typeof metricCatalogue.instance;

/** The metrics of a subject that a system must have a collector for: all but those that say why they are absent there. */
type PresentOn<Rows extends MetricRows, System extends MetricSystem> = {
  [M in keyof Rows]: Rows[M]['absentOn'] extends { readonly [S in System]: AbsentReason } ? never : M;
}[keyof Rows];
export type ServerMetricOn<System extends MetricSystem> = PresentOn<typeof metricCatalogue.server, System>;
export type InstanceMetricOn<System extends MetricSystem> = PresentOn<typeof metricCatalogue.instance, System>;

export type ChartGroupRow = {
  /** `share`: percent of the capacity, from 0 to 100. `value`: as REST gives it, from 0. */
  readonly axis: 'share' | 'value';
  /** A line across: what is reserved for instances, where the warning begins, what the plan gives. */
  readonly limit: 'reserved' | 'warning' | 'plan' | null;
  /** Over the whole width, and higher; otherwise two stand side by side. */
  readonly isWide: boolean;
};
/** The charts of each subject in their order on the page. Their words are `monitoring.group.<subject>.<group>`. */
export const chartGroups = {
  server: {
    processor: { axis: 'share', limit: null, isWide: false },
    memory: { axis: 'share', limit: 'reserved', isWide: false },
    disk: { axis: 'share', limit: 'warning', isWide: false },
    network: { axis: 'value', limit: null, isWide: false },
  },
  instance: {
    answer: { axis: 'value', limit: null, isWide: true },
    memory: { axis: 'value', limit: 'plan', isWide: false },
    processor: { axis: 'value', limit: null, isWide: false },
  },
} as const satisfies { readonly [S in MetricSubject]: Readonly<Record<string, ChartGroupRow>> };
export type ChartGroup<Subject extends MetricSubject> = keyof (typeof chartGroups)[Subject] & string;
/** The metrics of a subject that are drawn. */
export type DrawnMetric<Subject extends MetricSubject> = {
  [M in keyof (typeof metricCatalogue)[Subject]]: (typeof metricCatalogue)[Subject][M] extends { readonly group: string }
    ? M & string
    : never;
}[keyof (typeof metricCatalogue)[Subject]];

/** The charts of a subject in their order, by name. */
export const groupsOf = <Subject extends MetricSubject>(subject: Subject): readonly ChartGroup<Subject>[] =>
  Object.keys(chartGroups[subject]) as ChartGroup<Subject>[];
/** The drawn metrics of a subject in their order, by name. */
export function drawnMetricsOf<Subject extends MetricSubject>(subject: Subject): readonly DrawnMetric<Subject>[] {
  const rows: MetricRows = metricCatalogue[subject];
  return Object.keys(rows).filter((name) => rows[name]?.group !== null) as DrawnMetric<Subject>[];
}

/** Values of one subject at one instant by metric, in the row's unit. A name that is not there: absent. */
export type MetricValues = Readonly<Record<string, number>>;

/** Those of the values whose metric the catalogue has: a newer agent's further ones, and whatever an agent makes up, fall away. */
export function knownValues(rows: MetricRows, values: MetricValues): MetricValues {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => Object.hasOwn(rows, name) && Number.isFinite(value)));
}

/** What is measured of each resource by the metric that it bounds; a resource that was not measured is absent. */
export function resourcesOf(rows: MetricRows, values: MetricValues): Partial<Resources> {
  const measured: { [R in keyof Resources]?: number } = {};
  for (const [name, { bound }] of Object.entries(rows)) {
    const value = values[name];
    if (bound !== null && value !== undefined) measured[bound] = value;
  }
  return measured;
}
