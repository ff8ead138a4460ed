import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './root.mjs';

/** What one runner reported. @typedef {{ name: string, passed: number, failed: number, skipped: number }} Counts */

const folder = join(root, 'reports');
/** @param {string} name */
export const reportPath = (name) => join(folder, `${name}.json`);

/** Removes old reports, so that a runner that never ran cannot be counted by what it said last time. @param {readonly string[]} names */
export function clearReports(names) {
  mkdirSync(folder, { recursive: true });
  for (const name of names) rmSync(reportPath(name), { force: true });
}

/**
 * Reads what vitest, Playwright or `check` wrote. A runner that left no report has failed once: silence is not success.
 * @param {string} name
 * @returns {Counts}
 */
export function readCounts(name) {
  if (!existsSync(reportPath(name))) return { name, passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(reportPath(name), 'utf8'));
  if (Array.isArray(report.steps)) {
    const failed = report.steps.filter((/** @type {{ isOk: boolean }} */ step) => !step.isOk).length;
    return { name, passed: report.steps.length - failed, failed, skipped: 0 };
  }
  if (report.stats !== undefined) {
    const { expected, unexpected, skipped, flaky } = report.stats;
    // A test that only passed when it was tried again did not pass.
    const broken = Array.isArray(report.errors) && report.errors.length > 0 && unexpected === 0 ? 1 : 0;
    return { name, passed: expected, failed: unexpected + flaky + broken, skipped };
  }
  const unloaded = report.testResults.filter(hasFailedAsWhole).length;
  return {
    name,
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * What failed, by file and title, with the first line of why: the end of a long log is all that some readers get.
 * @param {string} name
 * @returns {string[]}
 */
export function readFailures(name) {
  if (!existsSync(reportPath(name))) return [`${name}: left no report`];
  const report = JSON.parse(readFileSync(reportPath(name), 'utf8'));
  if (Array.isArray(report.steps)) {
    return report.steps.flatMap((/** @type {{ name: string, isOk: boolean }} */ step) => (step.isOk ? [] : [`${name}: ${step.name}`]));
  }
  if (report.stats !== undefined)
    return report.suites
      .flatMap((/** @type {Suite} */ suite) => failuresOfSuite(suite))
      .map((/** @type {string} */ one) => `${name}: ${one}`);
  return report.testResults.flatMap((/** @type {VitestFile} */ file) => {
    const path = relative(root, file.name);
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    if (hasFailedAsWhole(file)) return [`${name}: ${path}: ${firstLine(file.message)}`];
    return failed.map(({ fullName, failureMessages }) => `${name}: ${path}: ${fullName}: ${firstLine(failureMessages[0])}`);
  });
}

/** @typedef {{ name: string, status: string, message?: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }} VitestFile */
/** @typedef {{ title: string, suites?: Suite[], specs?: { title: string, ok: boolean, file: string }[] }} Suite */

/** @param {Suite} suite @returns {string[]} */
function failuresOfSuite({ suites = [], specs = [] }) {
  return [...specs.filter(({ ok }) => !ok).map(({ file, title }) => `${file}: ${title}`), ...suites.flatMap(failuresOfSuite)];
}

/** It could not be loaded, or its set-up failed: then none of its tests has failed, and they are skipped. @param {VitestFile} file */
const hasFailedAsWhole = (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed');

/** @param {string | undefined} text */
const firstLine = (text = '') => text.split('\n', 1)[0]?.slice(0, 300) ?? '';

/** @param {readonly Counts[]} counts */
export function totalLine(counts) {
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) => counts.reduce((total, one) => total + one[key], 0);
  return `${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''}`;
}
