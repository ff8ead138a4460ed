import { fileURLToPath } from 'node:url';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bootMachine, canBoot, guestUser, type Machine, prepareMachine } from './testing/virtual/machine.ts';
import type { Reports } from './testing/virtual/reports.ts';

/**
 * What instances may take, under a real systemd and groups of version 2: agents as services in a virtual machine of its own (this machine may have neither).
 * It is booted once, and tells what it saw; here that is compared. Without KVM: about three minutes, and two more when it is made ready.
 */
const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** Switched off then: what it has not told by that time fails. */
const mostMs = 540_000;
const reports: { -readonly [Name in keyof Reports]?: Reports[Name] } = {};
const failures: string[] = [];
let machine: Machine | undefined;
let folder = '';

const notTested = 'NOT TESTED: limits under systemd, with groups of version 2.';
const isHere = canBoot();
if (!isHere) process.stderr.write(`${notTested} It needs root, Debian and qemu.\n`);
/** Why there is no machine: without the packages of its system there is nothing to test. */
let unavailable = '';

function take(line: string): void {
  if (!line.startsWith('REPORT ')) return;
  const { name, report, atSeconds } = JSON.parse(line.slice('REPORT '.length)) as { name: keyof Reports; report: never; atSeconds: number };
  process.stdout.write(`${atSeconds} s ${name} ${JSON.stringify(report).slice(0, 600)}\n`);
  if (name === 'failed') failures.push(JSON.stringify(report));
  else reports[name] = report;
}

const told = <Name extends keyof Reports>(name: Name): Reports[Name] => {
  const report = reports[name];
  if (report === undefined) throw new Error(`the machine did not tell of ${name}: ${failures.join('\n')}`);
  return report;
};

const limits = {
  ...{ memoryMax: String(160 * 2 ** 20), memorySwapMax: '0', memoryOomGroup: '1' },
  ...{ pidsMax: '256', cpuMax: '150000 100000', cpuWeight: '25' },
};
const kept = { memory: 'kept', processes: 'kept', cpu: 'kept', files: 'kept', reason: 'none', waiting: 0 };

describe.skipIf(!isHere)('in a machine with systemd and groups of version 2', () => {
  beforeAll(async () => {
    try {
      await prepareMachine();
    } catch (error) {
      unavailable = String(error).slice(0, 1000);
      process.stderr.write(`${notTested} Its system cannot be made: ${unavailable}\n`);
      return;
    }
    folder = await mkdtemp(join(tmpdir(), 'farm-guest-'));
    const guest = join(folder, 'guest.cjs');
    const entry = file('agent/testing/virtual/guest.ts');
    await build({
      entryPoints: [entry],
      outfile: guest,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node24',
      logLevel: 'error',
    });
    const files = {
      ...{ 'guest.cjs': guest, node: process.execPath },
      ...{ 'agent.cjs': file('dist/agent/agent.cjs'), 'edge.cjs': file('dist/agent/edge.cjs') },
    };
    machine = await bootMachine(files, take);
    const late = setTimeout(() => void machine?.close(), mostMs);
    await machine.off;
    clearTimeout(late);
    if (reports.end === undefined) process.stderr.write(`${(await machine.console()).slice(-5000)}\n`);
  }, 2 * mostMs);
  beforeEach(({ skip }) => skip(unavailable !== '', unavailable));
  afterAll(async () => {
    await machine?.close();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });

  test('it is what it is said to be', () => {
    expect(told('machine')).toMatchObject({ isUnified: true, systemd: expect.stringContaining('systemd 2') });
    expect(told('machine').controllers.split(' ')).toEqual(expect.arrayContaining(['cpu', 'memory', 'pids']));
  });

  test('root: an instance has a user of its own, and its plan stands in its group', () => {
    const { userId, isolation, values, bounds, group } = told('root.started');
    expect(userId).toBeGreaterThanOrEqual(70_000);
    expect(isolation).toBe('own');
    expect(values).toEqual(limits);
    expect(bounds).toEqual(kept);
    expect(group).toMatch(/[/]farmstead-[0-9a-f]{16}[/]anna$/);
  });

  test('root: a neighbour’s port is shut, and what serves visitors is nobody', () => {
    const { reached, reachedItself, edge } = told('root.strangers');
    expect(reached).not.toBe('reached');
    expect(reachedItself).toBe('reached');
    const workers = edge.filter(({ userId }) => userId >= 66_000 && userId < 70_000);
    expect(workers.length).toBeGreaterThan(0);
    const none = '0000000000000000';
    for (const { capabilities, noNewPrivileges } of workers)
      expect({ capabilities, noNewPrivileges }).toEqual({ capabilities: `${none} ${none}`, noNewPrivileges: '1' });
  });

  test('root: systemd looks at its groups anew, and the plan stands', () => {
    expect(told('root.reloaded').values).toEqual(limits);
  });

  test.each([
    ['slice', '/farm.slice'],
    ['manager', `/user.slice/user-${guestUser.id}.slice/user@${guestUser.id}.service/app.slice`],
  ] as const)('an ordinary user, its service in a %s that was given to it: the plan stands in a group beside it', (kind, above) => {
    const { userId, isolation, values, bounds, group } = told(`${kind}.started`);
    expect({ userId, isolation }).toEqual({ userId: guestUser.id, isolation: 'shared' });
    expect(values).toEqual(limits);
    expect(bounds).toEqual(kept);
    expect(group.split('/farmstead-')[0]).toBe(`/sys/fs/cgroup${above}`);
  });

  test.each(['plain', 'top'] as const)('an ordinary user without a group for others (%s): no limit is called kept that is not', (kind) => {
    const { values, bounds } = told(`${kind}.started`);
    expect(bounds).toEqual({ memory: 'watched', processes: 'watched', cpu: 'none', files: 'kept', reason: 'notRoot', waiting: 0 });
    expect(values.memoryMax).toBe('max');
    // A next agent could not be started beside processes in groups below its own (219/CGROUP).
    expect(told(`${kind}.successor`)).toMatchObject({ isSame: true, error: '' });
  });

  describe.each(['root', 'slice', 'manager'] as const)('%s', (kind) => {
    test('a memory hog is ended and told so', () => {
      expect(told(`${kind}.hog`).exitCode).toBe('memoryLimit');
      expect(told(`${kind}.hog`).log).toContain('ended exit=memoryLimit');
    });
    test('a fork bomb is bounded, and a neighbour served', () => {
      const { most, isNeighbourServed } = told(`${kind}.bomb`);
      expect(most).toBeLessThanOrEqual(256);
      expect(isNeighbourServed).toBe(true);
    });
    test('the next agent takes the instances back, limits and all', () => {
      expect(told(`${kind}.successor`)).toEqual({ isSame: true, waiting: 0, error: '' });
    });
    test('a removal leaves no process and no group, whatever it had started', () => {
      const { had, left } = told(`${kind}.removed`);
      expect(had).toBeGreaterThan(20);
      expect({ ...left, ofUser: 0 }).toEqual({ members: 0, ofUser: 0, said: 0, hasGroup: false });
      if (kind === 'root') expect(left.ofUser).toBe(0);
      expect(told(`${kind}.stopped`).groups).toEqual([]);
    });
  });

  test('nothing went wrong', () => {
    expect(failures).toEqual([]);
  });
});
