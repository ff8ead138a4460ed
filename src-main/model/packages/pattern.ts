import { RE2JS } from 're2js';

/**
 * Patterns of packages, which strangers write: RE2 matches in time that grows with the value alone (https://swtch.com/~rsc/regexp/regexp1.html), where the
 * engine of JavaScript took 8 s for 28 characters. What it lacks, references back and looks around, is refused when a package is read.
 */
export function isPattern(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** Is the whole value as the pattern says? The pattern is one that `isPattern` took. */
export function matchesPattern(pattern: string, value: string): boolean {
  return RE2JS.compile(pattern).matches(value);
}
