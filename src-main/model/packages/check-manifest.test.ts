import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PackageManifest, packageManifest } from '#contract/package-manifest.ts';
import { manifestProblems } from './check-manifest.ts';

const path = join(import.meta.dirname, '..', '..', '..', 'assets', 'packages', 'tiddlywiki', 'manifest.json');
const good = packageManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
type Change = (manifest: PackageManifest) => PackageManifest;
const password = good.parameters.properties['password'];

const cases: readonly (readonly [name: string, place: string, problem: string, change: Change])[] = [
  [
    'a secret in a start command',
    'start.command.1',
    'secretInCommand',
    (manifest) => ({ ...manifest, start: { ...manifest.start, command: [{ from: 'runtime' }, { from: 'parameter.password' }] } }),
  ],
  [
    'a secret behind a prefix in a set-up command',
    'setup.0.command.5',
    'secretInCommand',
    (manifest) => ({
      ...manifest,
      setup: manifest.setup.map((step) => ({
        ...step,
        command: [...step.command, { from: 'parameter.password' as const, prefix: '--x=' }],
      })),
    }),
  ],
  [
    'an unknown parameter in the environment',
    'start.environment.KEY',
    'unknownParameter',
    (manifest) => ({ ...manifest, start: { ...manifest.start, environment: { KEY: { from: 'parameter.nobody' } } } }),
  ],
  [
    'a change of a password that is not there',
    'handOver.passwordChange',
    'noPassword',
    ({ handOver: { password: _, ...handOver }, ...manifest }) => ({ ...manifest, handOver }),
  ],
  [
    'a parameter that every object has',
    'start.environment.KEY',
    'unknownParameter',
    (manifest) => ({ ...manifest, start: { ...manifest.start, environment: { KEY: { from: 'parameter.constructor' } } } }),
  ],
  [
    'an unknown parameter for the sign-in',
    'health.signIn.password',
    'unknownParameter',
    (manifest) => ({ ...manifest, health: { ...manifest.health, signIn: { userName: 'userName', password: 'nobody' } } }),
  ],
  [
    'a pattern that is none',
    'parameters.properties.password.pattern',
    'noPattern',
    (manifest) => ({
      ...manifest,
      parameters: {
        ...manifest.parameters,
        properties: { ...manifest.parameters.properties, ...(password === undefined ? {} : { password: { ...password, pattern: '(' } }) },
      },
    }),
  ],
  ['a plan twice', 'plans', 'twice', (manifest) => ({ ...manifest, plans: [...manifest.plans, ...manifest.plans.slice(0, 1)] })],
  ['a platform twice', 'payload', 'twice', (manifest) => ({ ...manifest, payload: [...manifest.payload, ...manifest.payload] })],
];

describe('a manifest', () => {
  it('that is good has no problems', () => {
    expect(manifestProblems(good)).toEqual([]);
  });

  it.each(cases)('%s is found in its place', (_name, place, problem, change) => {
    expect(manifestProblems(change(good))).toContainEqual({ path: place, problem });
  });
});
