import { describe, expect, test } from 'vitest';
import { hashOf, testManifest, testSpec } from '../testing/applications.ts';
import { checkParameters, type PlaceholderValues, resolveCommand, resolveEnvironment, resolveValue, writeCsv } from './command-values.ts';
import { backOffMs } from './back-off.ts';

const spec = testSpec('anna', 'healthy', { manifestHash: hashOf('m'), payload: hashOf('p') });
const values: PlaceholderValues = { runtime: '/node', payload: '/p', data: '/d d', port: 20_001, listenHost: '127.0.0.1', spec };

describe('placeholders', () => {
  test('fill one whole value and keep their type', () => {
    expect(resolveValue({ from: 'port' }, values)).toBe(20_001);
    expect(resolveValue({ from: 'port', prefix: 'port=' }, values)).toBe('port=20001');
    expect(resolveValue({ from: 'data', path: 'a/b' }, values)).toBe('/d d/a/b');
    expect(resolveCommand([{ from: 'runtime' }, { from: 'parameter.mode' }, '$(reboot)'], testManifest(), values)).toEqual({
      program: '/node',
      args: ['healthy', '$(reboot)'],
    });
    expect(resolveEnvironment(testManifest(), values)).toEqual({
      NODE_ENV: 'production',
      PORT: '20001',
      HOST: '127.0.0.1',
      MODE: 'healthy',
    });
  });

  test('a secret never stands in a process list, a missing parameter is named', () => {
    expect(() => resolveCommand([{ from: 'runtime' }, { from: 'parameter.password', prefix: 'pw=' }], testManifest(), values)).toThrow(
      'secret-in-arguments',
    );
    expect(() => resolveValue({ from: 'parameter.toString' }, values)).toThrow('PARAMETER_INVALID');
  });
});

test('a value cannot break out of its field', () => {
  expect(
    writeCsv([
      ['a,b', 'say "hi"', 3],
      [' x', '', true],
    ]),
  ).toBe('"a,b","say ""hi""",3\n" x",,true\n');
  expect(() => writeCsv([['a\nb']])).toThrow('line-break');
});

test.each([
  [{ password: 'x' }, 'mode', 'missing'],
  [{ mode: 'x', other: 1 }, 'other', 'unknown'],
  [{ mode: 'x', constructor: 1 }, 'constructor', 'unknown'],
  [{ mode: 1 }, 'mode', 'type'],
  [{ mode: 'a\0b' }, 'mode', 'type'],
  [{ mode: 'x'.repeat(10_001) }, 'mode', 'length'],
])('parameters %# are refused', (parameters, parameter, problem) => {
  const check = () => checkParameters(testManifest(), { ...spec, parameters: parameters as typeof spec.parameters });
  expect(check).toThrow(expect.objectContaining({ code: 'PARAMETER_INVALID', parameters: { parameter, problem } }));
});

test('tries come at 1, 2, 4 … 60 s, and never end', () => {
  expect([1, 2, 3, 6, 7, 8, 1000].map(backOffMs)).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
});
