import { describe, expect, test } from 'vitest';
import { packageManifest, type ParameterSchema } from '#contract/package-manifest.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { createIds } from '../../drivers/system/ids.ts';
import type { ParameterValues } from '../../model/instances/parameter-values.ts';
import { resolveParameters } from './parameters.ts';

const ids = createIds(systemClock);
const title = { en: 'x' };
const manifestWith = (properties: Record<string, ParameterSchema>, required: string[] = []) =>
  packageManifest.shape.parameters.parse({ type: 'object', properties, required });
const resolve = (properties: Record<string, ParameterSchema>, given: ParameterValues, required: string[] = []) =>
  resolveParameters({ parameters: manifestWith(properties, required) }, given, ids);
const refusal = (schema: ParameterSchema, value: string | number | boolean): unknown => {
  try {
    resolve({ value: schema }, { value });
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('the parameters of an instance', () => {
  test('are given, generated or the manifest’s own, and parted by what may be read', () => {
    const { open, secret } = resolve(
      {
        user: { type: 'string', title, default: 'owner' },
        size: { type: 'integer', title, default: 3 },
        password: { type: 'string', title, 'x-generate': 'password' },
        token: { type: 'string', title, 'x-generate': 'hex', 'x-secret': true },
        pin: { type: 'string', title, 'x-secret': true },
        left: { type: 'string', title },
      },
      { size: 7, pin: '1234' },
    );
    expect(open).toEqual({ user: 'owner', size: 7 });
    expect(Object.keys(secret).sort()).toEqual(['password', 'pin', 'token']);
    expect(secret.password).toMatch(/^[a-hj-km-np-z2-9]{4}(-[a-hj-km-np-z2-9]{4}){3}$/);
    expect(secret.token).toMatch(/^[0-9a-f]{64}$/);
  });

  test('that are generated differ every time and use every letter', () => {
    const made = Array.from(
      { length: 200 },
      () => resolve({ password: { type: 'string', title, 'x-generate': 'password' } }, {}).secret.password,
    );
    expect(new Set(made).size).toBe(200);
    expect(new Set(made.join('').replaceAll('-', '')).size).toBe(31);
  });

  test.each<[ParameterSchema, string | number | boolean, string]>([
    [{ type: 'string', title }, 5, 'type'],
    [{ type: 'boolean', title }, 'yes', 'type'],
    [{ type: 'integer', title }, 1.5, 'type'],
    [{ type: 'integer', title, minimum: 2 }, 1, 'minimum'],
    [{ type: 'integer', title, maximum: 2 }, 3, 'maximum'],
    [{ type: 'string', title, minLength: 2 }, 'a', 'minLength'],
    [{ type: 'string', title, maxLength: 2 }, 'abc', 'maxLength'],
    [{ type: 'string', title, enum: ['a'] }, 'b', 'enum'],
    [{ type: 'string', title, pattern: 'a|b' }, 'ab', 'pattern'],
    [{ type: 'string', title, pattern: '.*' }, 'a\nb', 'pattern'],
    [{ type: 'string', title }, 'a\0b', 'pattern'],
  ])('%o refuses %o: %s', (schema, value, problem) => {
    expect(refusal(schema, value)).toMatchObject({ code: 'PARAMETER_INVALID', parameters: { parameter: 'value', problem } });
  });

  test('that are missing or unknown are named', () => {
    expect(() => resolve({ user: { type: 'string', title } }, {}, ['user'])).toThrowError(/"problem":"required"/);
    expect(() => resolve({}, { color: 'red' })).toThrowError(/"parameter":"color","problem":"unknown"/);
  });
});
