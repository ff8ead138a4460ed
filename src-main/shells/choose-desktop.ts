import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Program = { readonly command: string; readonly parameters: readonly string[] };

/** What differs between the systems that the shells run on. Chosen once; nothing else of `src-main` asks for the platform. */
export type Desktop = {
  /** Which words and title bar the person knows. */
  readonly system: 'windows' | 'mac' | 'other';
  /** Where the pinned Node lies below `node_modules` or `resources/runtimes`. */
  readonly runtimePath: string;
  /** Where this person's programs keep their data; ours is a folder `farmstead` below. */
  readonly dataFolder: (environment: Environment, personFolder: string) => string;
  /** How to open a file with the person's own browser; undefined where there is no screen to open it on. */
  readonly opener: (environment: Environment, path: string) => Program | undefined;
  /**
   * When a process began, in a form that no later process with its number has; undefined when no such process runs, and empty when one does but
   * the system does not tell its start (PowerShell blocked, or held to its constrained language).
   */
  readonly startMark: (processId: number) => string | undefined;
  /** Whether agents run on this system, and with them a demo farm: `agent/os` knows Linux and Windows. */
  readonly canRunAgents: boolean;
  /** Whether a process may pass UDP sockets to another: https://nodejs.org/api/child_process.html#subprocesssendmessage-sendhandle-options-callback */
  readonly canPassSockets: boolean;
  /**
   * Those of the absolute folders from which a process runs: its program lies there, or (on Linux) something there is named on its command line. Of
   * processes whose particulars the system keeps to itself it says nothing.
   */
  readonly foldersInUse: (folders: readonly string[]) => Promise<ReadonlySet<string>>;
};

function isThere(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one too (EPERM).
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Ticks since boot, with the boot itself (proc(5)): neither a reused number nor a reboot can repeat it. A zombie is no process, unless threads of it still end. */
function linuxStartMark(processId: number): string | undefined {
  const stat = readText(`/proc/${processId}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, startTicks] = [fields?.[0], Number(fields?.[17]), fields?.[19]];
  if (startTicks === undefined || state === 'X' || (state === 'Z' && threads <= 1)) return undefined;
  return `${readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'boot'}/${startTicks}`;
}

/** By proc(5): the program as the kernel has it open (its path follows a folder that is moved), and the words with which it was started. */
async function linuxFoldersInUse(folders: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // A process may end at any moment, and another person's tells nothing of its program.
    const [program, words] = await Promise.all([
      readlink(`/proc/${name}/exe`).catch(() => ''),
      readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''),
    ]);
    for (const [index, folder] of folders.entries()) {
      const starts = [`${folder}/`, `${real[index] ?? folder}/`];
      if ([program, ...words.split('\0')].some((path) => starts.some((start) => path.startsWith(start)))) found.add(folder);
    }
  }
  return found;
}

/** Asking for it costs a process of its own, up to seconds on Windows, and it never changes. */
let ownMark: string | undefined;

/**
 * A program that runs cannot be opened for writing (ERROR_SHARING_VIOLATION): no list of processes is needed, which only PowerShell would give.
 * https://learn.microsoft.com/windows/win32/fileio/creating-and-opening-files
 */
async function windowsFoldersInUse(folders: readonly string[]): Promise<ReadonlySet<string>> {
  const isInUse = async (folder: string): Promise<boolean> => {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    for (const name of names.filter((one) => one.toLowerCase().endsWith('.exe'))) {
      try {
        await (await open(win32.join(folder, name), 'r+')).close();
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) return true;
      }
    }
    return false;
  };
  const inUse = await Promise.all(folders.map(isInUse));
  return new Set(folders.filter((_, index) => inUse[index]));
}

/** What a tool of the system prints about one process; undefined when the process is gone, empty when the tool does not tell. */
function ask(processId: number, command: string, parameters: readonly string[]): string | undefined {
  if (!isThere(processId)) return undefined;
  const isOwn = processId === process.pid;
  if (isOwn && ownMark !== undefined) return ownMark;
  const mark = askNow(command, parameters);
  if (isOwn) ownMark = mark;
  return mark;
}

function askNow(command: string, parameters: readonly string[]): string {
  try {
    const said = execFileSync(command, [...parameters], {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
    return said.trim();
  } catch {
    return '';
  }
}

const desktops: Readonly<Record<'linux' | 'darwin' | 'win32', Desktop>> = {
  linux: {
    system: 'other',
    runtimePath: posix.join(`node-linux-${process.arch}`, 'bin', 'node'),
    // https://specifications.freedesktop.org/basedir-spec/latest/
    dataFolder: (environment, personFolder) => environment.XDG_DATA_HOME || posix.join(personFolder, '.local', 'share'),
    opener: (environment, path) =>
      environment.DISPLAY || environment.WAYLAND_DISPLAY ? { command: 'xdg-open', parameters: [path] } : undefined,
    startMark: linuxStartMark,
    canRunAgents: true,
    canPassSockets: true,
    foldersInUse: linuxFoldersInUse,
  },
  darwin: {
    system: 'mac',
    runtimePath: posix.join(`node-darwin-${process.arch}`, 'bin', 'node'),
    dataFolder: (_environment, personFolder) => posix.join(personFolder, 'Library', 'Application Support'),
    opener: (_environment, path) => ({ command: 'open', parameters: [path] }),
    startMark: (processId) => ask(processId, '/bin/ps', ['-p', String(processId), '-o', 'lstart=']),
    canRunAgents: false,
    canPassSockets: true,
    // Nothing runs from a copy there, and nothing is swept.
    foldersInUse: async (folders) => new Set(folders),
  },
  win32: {
    system: 'windows',
    runtimePath: win32.join(`node-win-${process.arch}`, 'bin', 'node.exe'),
    dataFolder: (environment, personFolder) => environment.LOCALAPPDATA || win32.join(personFolder, 'AppData', 'Local'),
    opener: (_environment, path) => ({ command: 'rundll32.exe', parameters: ['url.dll,FileProtocolHandler', path] }),
    startMark: (processId) =>
      ask(processId, 'powershell.exe', [
        '-NoProfile',
        '-NonInteractive',
        '-Command',
        `(Get-Process -Id ${processId}).StartTime.ToFileTimeUtc()`,
      ]),
    canRunAgents: true,
    canPassSockets: false,
    foldersInUse: windowsFoldersInUse,
  },
};

/** The desktop of a system; of this one when none is named. */
export function chooseDesktop(platform: string = process.platform): Desktop {
  return platform === 'win32' || platform === 'darwin' ? desktops[platform] : desktops.linux;
}
