import { expect, test } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { likelySystem, trustSteps, trustSystems } from './trust-steps.ts';

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/149.0 Safari/537.36', 'windows'],
  ['Mozilla/5.0 (Windows NT 10.0; rv:149.0) Gecko/20100101 Firefox/149.0', 'firefox'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15', 'macos'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15', 'ios'],
  ['Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/149.0 Mobile', 'android'],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/149.0', 'linux'],
])('%s', (userAgent, system) => expect(likelySystem(userAgent)).toBe(system));

test.each(['en', 'ru'] as const)('every system has steps in %s, one a line', (language) => {
  const words = createTranslate(language, 'UTC');
  for (const system of trustSystems) {
    const { title, steps } = trustSteps(words, system);
    expect(title).not.toBe('');
    expect(steps.length).toBeGreaterThan(1);
    for (const step of steps) expect(step.trim()).toBe(step);
  }
});
