import { mkdirSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { errorCode } from '#kit/node/whole-file.ts';
import { FarmError } from '#contract/errors.ts';
import { atomicWriteFile, fileError } from '../drivers/shared/files.ts';
import { chooseDesktop, type Desktop, type Environment } from './choose-desktop.ts';

const markerName = 'home.json';
const formatVersion = 1;
const marker = z.object({ formatVersion: z.number().int(), madeBy: z.string() });

export type HomeOptions = {
  /** `--home` */
  readonly home?: string | undefined;
  readonly isDemo?: boolean;
  readonly environment?: Environment;
  readonly desktop?: Desktop;
  readonly personFolder?: string;
};

/** The folder of a farm's data: `--home`, else `FARM_HOME`, else the system's data folder; a demo farm has one of its own. Absolute. */
export function chooseHome(options: HomeOptions): string {
  const environment = options.environment ?? process.env;
  const named = options.home ?? (environment.FARM_HOME || undefined);
  if (named !== undefined) return resolve(named);
  const desktop = options.desktop ?? chooseDesktop();
  return join(desktop.dataFolder(environment, options.personFolder ?? homedir()), 'farmstead', options.isDemo === true ? 'demo' : 'farm');
}

/** Where a command line looks for a running program: the home that was named, else the farm's and then the demo farm's. */
export function homesToLookIn(options: HomeOptions): readonly string[] {
  const environment = options.environment ?? process.env;
  if (options.home !== undefined || environment.FARM_HOME) return [chooseHome(options)];
  return [chooseHome({ ...options, isDemo: false }), chooseHome({ ...options, isDemo: true })];
}

async function markerOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(path, markerName), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError(error, path);
  }
}

function checkMarker(path: string, text: string, version: string): void {
  let parsed: z.infer<typeof marker>;
  try {
    parsed = marker.parse(JSON.parse(text));
  } catch (error) {
    throw new FarmError('HOME_HALF_WRITTEN', { path: join(path, markerName), problem: 'json' }, { cause: error });
  }
  if (parsed.formatVersion > formatVersion) throw new FarmError('HOME_NEWER', { path, home: parsed.madeBy, program: version });
}

/**
 * Makes the folder (0700) or checks the one that is there, and writes the marker that says what it is. Repeatable.
 * A folder with other things in it is refused, so that a mistyped path does not become a home. Throws `HOME_HALF_WRITTEN`
 * (naming the file that is wrong), `HOME_NEWER`, `NOT_PERMITTED_BY_OS`, `STORE_FULL`.
 */
export async function prepareHome(path: string, version: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const found = await stat(path);
    if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
  } catch (error) {
    if (['EEXIST', 'ENOTDIR'].includes(errorCode(error)))
      throw new FarmError('HOME_HALF_WRITTEN', { path, problem: path }, { cause: error });
    throw fileError(error, path);
  }
  const text = await markerOf(path);
  if (text !== undefined) return checkMarker(path, text, version);
  // What a killed first start left begins with a dot; a lock without a marker cannot be: the marker is written first.
  const foreign = (await readdir(path)).find((name) => !name.startsWith('.'));
  if (foreign !== undefined) throw new FarmError('HOME_HALF_WRITTEN', { path: join(path, foreign), problem: 'foreign' });
  try {
    await atomicWriteFile(join(path, markerName), `${JSON.stringify({ formatVersion, madeBy: version })}\n`, { mode: 0o600 });
  } catch (error) {
    // Another start was quicker: it has written the marker, taken the home and swept our unfinished file away.
    if (errorCode(error) !== 'ENOENT' || (await markerOf(path)) === undefined) throw error;
  }
}

/**
 * Makes the folder in which the desktop's browser keeps its own things, and answers with its path. Its name begins with a dot, so that a home
 * which holds nothing else yet is still an empty one. At once, because Electron wants it before it is ready. Throws `NOT_PERMITTED_BY_OS`,
 * `STORE_FULL`, `HOME_HALF_WRITTEN`.
 */
export function prepareDesktopFolder(home: string): string {
  const path = join(home, '.desktop');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  } catch (error) {
    if (['EEXIST', 'ENOTDIR'].includes(errorCode(error)))
      throw new FarmError('HOME_HALF_WRITTEN', { path: home, problem: path }, { cause: error });
    throw fileError(error, path);
  }
}
