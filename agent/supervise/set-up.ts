import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import type { PackageManifest } from '#contract/package-manifest.ts';
import type { HostOs } from '../os/host-os.ts';
import type { HostUser } from '../os/identity.ts';
import type { LimitGroups } from '../os/limits.ts';
import type { AgentClock, InstanceLogs, InstanceRecord } from '../ports.ts';
import { heapOption, limitsOf } from './instance-limits.ts';
import { exitOfLimit } from './over-limit.ts';
import { fileText, type PlaceholderValues, resolveCommand, resolveEnvironment } from './command-values.ts';

type ManifestFile = PackageManifest['files'][number];

export type SetUp = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly logs: InstanceLogs;
  readonly manifest: PackageManifest;
  readonly values: PlaceholderValues;
  readonly user: HostUser | undefined;
  readonly limits: LimitGroups;
  readonly marker: string;
  /** Saves what was begun or done, and answers with the record as it is now. */
  readonly save: (change: Partial<Pick<InstanceRecord, 'setupBegun' | 'setupDone'>>) => Promise<InstanceRecord>;
};

/** Makes each folder of a path below `root`, refusing links: the folder belongs to an instance, and our rights must not follow its links. */
async function makeFolders(root: string, below: string, { os, user }: Pick<SetUp, 'os' | 'user'>): Promise<void> {
  let path = root;
  for (const part of below.split('/').filter((name) => name !== '' && name !== '.')) {
    path = join(path, part);
    const isMade = await mkdir(path, { mode: 0o700 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (isMade) await os.closeFolder(path, user);
    else if (!(await lstat(path)).isDirectory()) throw new FarmError('NOT_PERMITTED_BY_OS', { what: path });
  }
}

type Writing = Pick<SetUp, 'os' | 'manifest' | 'values' | 'user'>;

/** Writes the files of the manifest into the data folder; of one that runs on another port now those that `isWanted`. */
export async function writeFiles(writing: Writing, isWanted: (file: ManifestFile) => boolean = () => true): Promise<void> {
  const { manifest, values, os, user } = writing;
  for (const file of manifest.files.filter(isWanted)) {
    await makeFolders(values.data, dirname(file.path), writing);
    const path = join(values.data, ...file.path.split('/'));
    const temporary = join(dirname(path), `.new-${randomBytes(4).toString('hex')}`);
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(fileText(file, values));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await os.closeFile(temporary, user);
    await rename(temporary, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function runStep(setUp: SetUp, step: PackageManifest['setup'][number], name: string): Promise<void> {
  const { manifest, values, os, clock, logs, user, marker, limits } = setUp;
  const { instanceId } = values.spec;
  const allowed = limitsOf(values.spec);
  const { program, args } = resolveCommand(step.command, manifest, values, [heapOption(allowed)]);
  const spawned = await os.spawnDetached({
    program,
    args,
    folder: values.data,
    environment: resolveEnvironment(manifest, values),
    user,
    limits: limits.prepare(instanceId, allowed, user !== undefined),
    ...logs.prepare(instanceId),
    marker,
  });
  let stopTimer = (): void => undefined;
  const timeout = new Promise<{ exitCode: string }>((resolve) => {
    stopTimer = clock.after(step.timeoutSeconds * 1000, () => resolve({ exitCode: 'timeout' }));
  });
  const { exitCode: ended } = await Promise.race([spawned.exited, timeout]);
  const exitCode = limits.memoryKills(instanceId) > 0 ? exitOfLimit.memory : ended;
  stopTimer();
  await os.killTree(spawned.identity);
  await limits.end(instanceId);
  await limits.remove(instanceId);
  const isDone = exitCode === '0' && (await exists(join(values.data, ...step.creates.split('/'))));
  logs.note(instanceId, `set-up step=${step.id} exit=${exitCode} done=${isDone}`);
  if (!isDone) throw new FarmError('SETUP_FAILED', { name, exitCode, lastLine: logs.lastLine(instanceId) });
}

/** Empties a data folder that never belonged to a finished instance, so that a half-done step begins from nothing. */
async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/**
 * Writes the manifest's files and runs its set-up steps, each once. Repeatable: a step that was begun and did not end is done again from an
 * empty folder, unless the instance was finished before (then nothing of its customer's is touched).
 */
export async function runSetUp(setUp: SetUp, begunRecord: InstanceRecord): Promise<void> {
  const { manifest, values, save } = setUp;
  let record = begunRecord;
  const isHalfDone = record.setupBegun.some((id) => !record.setupDone.includes(id));
  if (isHalfDone && record.createdAtMs === undefined) {
    await empty(values.data);
    record = await save({ setupBegun: [], setupDone: [] });
  }
  for (const folder of manifest.dataFolders) await makeFolders(values.data, dirname(folder), setUp);
  await writeFiles(setUp);
  for (const step of manifest.setup) {
    if (await exists(join(values.data, ...step.creates.split('/')))) continue;
    record = await save({ setupBegun: [...record.setupBegun, step.id] });
    await runStep(setUp, step, values.spec.name);
    record = await save({ setupDone: [...record.setupDone, step.id] });
  }
}
