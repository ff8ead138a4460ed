import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readCounts, readFailures, reportPath, totalLine } from './reports.mjs';

const name = `test-of-reports-${process.pid}`;
afterEach(() => rmSync(reportPath(name), { force: true }));

function write(report: unknown): void {
  mkdirSync(dirname(reportPath(name)), { recursive: true });
  writeFileSync(reportPath(name), JSON.stringify(report));
}
const one = (status: string) => ({ status, fullName: `is ${status}`, failureMessages: status === 'failed' ? ['Error: why\n at x'] : [] });

test.each([
  ['whose set-up failed, so that its tests were skipped', [one('pending'), one('pending')], 2],
  ['that could not be loaded', [], 0],
])('a file %s has failed once', (_name, assertionResults, skipped) => {
  const file = { name: '/a/b.test.ts', status: 'failed', message: 'Error: no room\n at y', assertionResults };
  write({ numPassedTests: 5, numFailedTests: 0, numPendingTests: skipped, numTodoTests: 0, testResults: [file] });
  expect(readCounts(name)).toEqual({ name, passed: 5, failed: 1, skipped });
  expect(readFailures(name)).toEqual([expect.stringMatching(/b\.test\.ts: Error: no room$/)]);
});

test('a file with a test that failed is counted by its tests', () => {
  const file = { name: '/a/b.test.ts', status: 'failed', message: '', assertionResults: [one('failed'), one('passed')] };
  write({ numPassedTests: 1, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [file] });
  expect(totalLine([readCounts(name)])).toBe('1 passed, 1 failed');
  expect(readFailures(name)).toEqual([expect.stringMatching(/is failed: Error: why$/)]);
});

test('a runner that left no report has failed once', () => {
  expect(readCounts(name)).toEqual({ name, passed: 0, failed: 1, skipped: 0 });
});
