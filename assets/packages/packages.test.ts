import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageManifest } from '../../contract/package-manifest.ts';

const folder = import.meta.dirname;
const ids = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const read = (id: string): unknown => JSON.parse(readFileSync(join(folder, id, 'manifest.json'), 'utf8'));

/** Every text that a person reads: an object with an English sentence. */
function textsIn(value: unknown, path = ''): { readonly path: string; readonly text: Readonly<Record<string, unknown>> }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('en' in value) return [{ path, text: value as Readonly<Record<string, unknown>> }];
  return Object.entries(value).flatMap(([key, below]) => textsIn(below, `${path}.${key}`));
}

it('has the default package and the smallest one', () => {
  expect(ids).toEqual(expect.arrayContaining(['tiddlywiki', 'static-site']));
});

describe.each(ids)('package %s', (id) => {
  it('has a manifest of the contract, under its own name', () => {
    expect(packageManifest.parse(read(id)).id).toBe(id);
  });

  it('has a README and a small logo', () => {
    const { logo } = packageManifest.parse(read(id));
    expect(statSync(join(folder, id, logo)).size).toBeLessThan(64 * 1024);
    expect(readFileSync(join(folder, id, 'README.md'), 'utf8').length).toBeGreaterThan(100);
  });

  it('says whether the first password can be changed, if there is one', () => {
    const { password, passwordChange } = packageManifest.parse(read(id)).handOver;
    expect(passwordChange === undefined).toBe(password === undefined);
  });

  it('says everything in English and in Russian', () => {
    const texts = textsIn(read(id));
    expect(texts.length).toBeGreaterThan(5);
    const missing = texts.filter(
      ({ text }) => typeof text['ru'] !== 'string' || (text['ru'] === text['en'] && !/^[A-Z]\w*$/.test(text['ru'])),
    );
    expect(missing.map(({ path }) => path)).toEqual([]);
  });

  it('comes in the sizes S, M and L, each larger than the one before', () => {
    const { plans } = packageManifest.parse(read(id));
    expect(plans.map((plan) => plan.key)).toEqual(['S', 'M', 'L']);
    for (const amount of ['memoryBytes', 'cpuMillicores', 'diskBytes'] as const) {
      const amounts = plans.map((plan) => plan[amount]);
      expect(amounts).toEqual([...new Set(amounts)].toSorted((one, other) => one - other));
    }
  });

  it('offers no lock file that would take packages unchecked or from a fixed place', () => {
    const sources = packageManifest.parse(read(id)).payload.flatMap(({ source }) => (source.kind === 'npm' ? [source.lockFolder] : []));
    for (const lockFolder of sources) {
      const { packages } = JSON.parse(readFileSync(join(folder, id, lockFolder, 'package-lock.json'), 'utf8'));
      for (const [name, entry] of Object.entries<Record<string, unknown>>(packages)) {
        if (name === '') continue;
        expect(entry, name).toHaveProperty('integrity', expect.stringMatching(/^sha512-/));
        expect(entry, name).not.toHaveProperty('resolved');
      }
    }
  });
});
