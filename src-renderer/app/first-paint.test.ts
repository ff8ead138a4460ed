import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import * as z from 'zod';

const script = readFileSync(new URL('../public/first-paint.js', import.meta.url), 'utf8');

test('before any schema is made zod is told to make no code from text', () => {
  const page = createContext({ document: { documentElement: { dataset: {} } }, matchMedia: () => ({ matches: false }) });
  runInContext(script, page);
  expect(runInContext('globalThis.__zod_globalConfig', page)).toMatchObject({ jitless: true });
  // The name is zod's own: a release that reads its settings elsewhere would go back to what the content policy forbids.
  expect(Reflect.get(globalThis, '__zod_globalConfig')).toBe(z.core.globalConfig);
});
