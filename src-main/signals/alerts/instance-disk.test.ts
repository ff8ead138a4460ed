import { expect, test } from 'vitest';
import { healthy, instance } from '../fixtures/alert-worlds.ts';
import { instanceDisk } from './instance-disk.ts';

const judge = (diskBytes: number | undefined, planBytes = 1000) =>
  instanceDisk(instance({}, { diskBytes, limits: { memoryBytes: 1, cpuMillicores: 1, diskBytes: planBytes } }), healthy);

test.each([
  [0, 'good'],
  [899, 'good'],
  [900, { severity: 'warning', parameters: { percent: 90, isOver: 'no' } }],
  [1000, { severity: 'warning', parameters: { percent: 100, isOver: 'no' } }],
  [1001, { severity: 'bad', parameters: { percent: 101, isOver: 'yes' } }],
  [2500, { severity: 'bad', parameters: { percent: 250, isOver: 'yes' } }],
])('%i bytes of a plan of 1000', (diskBytes, saw) => {
  const seen = judge(diskBytes);
  if (typeof saw === 'string') expect(seen).toBe(saw);
  else expect(seen).toMatchObject(saw);
});

test('one that was not measured, or has no plan any more, shows nothing', () => {
  expect(judge(undefined)).toBe('unknown');
  expect(judge(5, 0)).toBe('unknown');
});
