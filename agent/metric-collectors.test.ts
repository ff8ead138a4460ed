import { describe, expect, test } from 'vitest';
import { type MetricRows, metricCatalogue, metricSystems } from '#contract/catalogue/metrics.ts';
import { createLinuxOs } from './os/linux/index.ts';
import { createWindowsOs } from './os/windows/index.ts';
import { askedCollectors } from './collectors/instance-sampler.ts';
import { createRates } from './collectors/rates.ts';
import { simulatedCollectors } from './collectors/server-sampler.ts';

const [linux, windows] = [createLinuxOs(), createWindowsOs()];
/** A simulated server's instances are measured by the system below it. */
const serverTables = { linux: linux.serverMetrics, windows: windows.serverMetrics, simulated: simulatedCollectors };
const instanceTables = { linux: linux.instanceMetrics, windows: windows.instanceMetrics, simulated: linux.instanceMetrics };

describe.each(metricSystems)('on %s', (system) => {
  const saysAbsent = (rows: MetricRows): string[] => Object.keys(rows).filter((name) => rows[name]?.absentOn[system] !== undefined);

  test.each([
    ['server', metricCatalogue.server, serverTables[system]],
    ['instance', metricCatalogue.instance, { ...instanceTables[system], ...askedCollectors }],
  ] as const)('every metric of the %s has a collector, or its row says why not, and never both', (_subject, rows, table) => {
    expect([...Object.keys(table), ...saysAbsent(rows)].toSorted()).toEqual(Object.keys(rows).toSorted());
  });
});

describe('rates', () => {
  test('come from two looks: the first has none, and is absent', () => {
    const rate = createRates();
    expect(rate('cpu', 1000, 0)).toBeUndefined();
    expect(rate('cpu', 2000, 2000)).toBe(500);
    expect(rate('in', 100, 2000)).toBeUndefined();
  });

  test('a counter that began anew is no negative rate', () => {
    const rate = createRates();
    rate('out', 200, 0);
    expect(rate('out', 0, 2000)).toBe(0);
  });

  test('two looks in one moment make no rate, and cost none', () => {
    const rate = createRates();
    rate('cpu', 0, 0);
    expect(rate('cpu', 50, 50)).toBeUndefined();
    expect(rate('cpu', 1000, 1000)).toBe(1000);
  });
});
