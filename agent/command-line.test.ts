import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';
import { agentVersion } from './version.ts';

const settings = {
  home: '/h',
  link: { host: '127.0.0.1', port: 7443 },
  https: { host: '0.0.0.0', port: 443 },
  http: { host: '0.0.0.0', port: 80 },
  simulated: undefined,
  edgeBundle: undefined,
  instances: undefined,
  hasPortRules: true,
  edgeWorkers: Math.min(4, availableParallelism()),
};

test('the defaults are those of a real server', () => {
  expect(readCommandLine(['run', '--home', '/h'])).toEqual({ verb: 'run', settings });
});

test('everything can be given', () => {
  const args = [
    '--listen',
    '[::1]:0',
    '--https',
    '8443',
    '--http',
    'localhost:8080',
    '--edge-bundle',
    '/e.cjs',
    '--instances',
    '/i',
    '--port-rules',
    'off',
    '--edge-workers',
    '3',
  ];
  const simulate = ['--simulate', 'memoryBytes=8,diskBytes=9,cpuMillicores=10'];
  expect(readCommandLine(['run', '--home', '/h', ...args, ...simulate])).toEqual({
    verb: 'run',
    settings: {
      home: '/h',
      link: { host: '::1', port: 0 },
      https: { host: '0.0.0.0', port: 8443 },
      http: { host: 'localhost', port: 8080 },
      simulated: { memoryBytes: 8, cpuMillicores: 10, diskBytes: 9 },
      edgeBundle: '/e.cjs',
      instances: '/i',
      hasPortRules: false,
      edgeWorkers: 3,
    },
  });
});

test.each([
  [['run'], '--home'],
  [['run', '--home', '/h', '--listen', 'x'], '--listen'],
  [['run', '--home', '/h', '--https', '1.2.3.4:70000'], '--https'],
  [['run', '--home', '/h', '--simulate', 'memoryBytes=1'], '--simulate'],
  [['run', '--home', '/h', '--simulate', 'memoryBytes=-1,cpuMillicores=1,diskBytes=1'], '--simulate'],
  [['run', '--nothing'], '--nothing'],
  [['fly'], 'fly'],
  [['run', '--home', '/h', '--port-rules', 'maybe'], '--port-rules'],
  [['run', '--home', '/h', '--edge-workers', '0'], '--edge-workers'],
  [['run', '--home', '/h', '--edge-workers', '65'], '--edge-workers'],
  [['run', '--home', '/h', '--edge-workers', 'all'], '--edge-workers'],
  [['code'], '--home'],
])('%j is wrong at %s', (args, argument) => {
  expect(readCommandLine(args)).toEqual({ verb: 'wrong', argument });
});

test.each([
  [['--help'], 'help'],
  [[], 'help'],
  [['run', '--help'], 'help'],
  [['--version'], 'version'],
])('%j is %s', (args, verb) => {
  expect(readCommandLine(args)).toEqual({ verb });
});

test('the version is the one of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(agentVersion).toBe(manifest.version);
});
