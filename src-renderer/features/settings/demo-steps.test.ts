import { expect, test } from 'vitest';
import { demoPhases, type DemoStep } from './demo-steps.ts';

const phases = (step: DemoStep, last: DemoStep = step): string =>
  demoPhases(step, last)
    .map(({ phase }) => phase)
    .join(' ');

test.each([
  ['authorities', 'authorities', 'now waiting waiting waiting waiting'],
  ['pairing', 'pairing', 'done done now waiting waiting'],
  ['failed', 'certificate', 'done done done failed waiting'],
  ['failed', 'none', 'failed waiting waiting waiting waiting'],
  ['ready', 'packages', 'done done done done done'],
] as const)('in %s after %s', (step, last, expected) => {
  expect(phases(step, last)).toBe(expected);
});
