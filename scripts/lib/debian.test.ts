import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

test('the gate installs what `npm run test:real` wants, and the browser', () => {
  const script = readFileSync(join(root, 'scripts', 'test-real.mjs'), 'utf8');
  const wanted = [...(/const wanted = \[([^\]]+)\]/.exec(script)?.[1] ?? '').matchAll(/'([^']+)'/g)].map((found) => found[1]);
  const gate = readFileSync(join(root, '.ci', 'run'), 'utf8');
  const installed = /--no-install-recommends ([^>]+)>/.exec(gate)?.[1]?.replaceAll('\\', ' ').trim().split(/\s+/);
  expect(wanted.length).toBeGreaterThan(5);
  expect(installed?.toSorted()).toEqual([...wanted, 'chromium'].toSorted());
});
