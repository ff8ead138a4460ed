import { spawn } from 'node:child_process';
import { findNpm } from './find-npm.ts';

/** Installs the lock file that lies in a folder; throws an `NpmError` with a short reason. */
export type InstallLocked = (folder: string, platform: string) => Promise<void>;

export class NpmError extends Error {
  readonly isNoRoom: boolean;
  constructor(reason: string, isNoRoom = false) {
    super(reason);
    this.isNoRoom = isNoRoom;
  }
}

/**
 * npm knows nothing of who started it, and would go on when that program has gone: its input is a pipe that we hold, and whatever ends us closes it.
 * The pipe alone keeps nobody alive. A module from a `data:` address needs no file: https://nodejs.org/api/esm.html#data-imports
 */
const endsWithUs = "process.stdin.on('close',()=>process.exit(1)).resume();process.stdin.unref?.()";
const guard = `--import=data:text/javascript,${encodeURIComponent(endsWithUs)}`;

const timeoutMs = 300_000;
const mostOutputCharacters = 20_000;

/** npm's names of systems: `win32` for every Windows. */
const npmSystems: Readonly<Record<string, string>> = { linux: 'linux', windows: 'win32' };

/** What npm tells its scripts of the project that started us must not lead it back there; where packages come from stays. */
function cleanEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) =>
        !/^npm_(package_|lifecycle_|command$|config_(local_prefix|prefix|global|omit|include|workspace|save|noproxy$))/i.test(name),
    ),
  );
}

/** The line that says what went wrong, without npm's own noise. */
function reasonOf(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !/^(A complete log|code )/.test(line));
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1];
  return (
    [code, lines[0]]
      .filter((part) => part !== undefined)
      .join(': ')
      .slice(0, 300) || 'npm'
  );
}

/**
 * Runs `npm ci` with the Node that is given (an installed desktop is none: its fuses say so): exactly the lock file, each package checked against its integrity, no script of any package run.
 * What npm has in its cache is taken from there, so that it also works without a network.
 * https://docs.npmjs.com/cli/v11/commands/npm-ci
 */
export function createInstallLocked(
  environment: Readonly<Record<string, string | undefined>>,
  runtime: () => Promise<string> = async () => process.execPath,
): InstallLocked {
  return async (folder, platform) => {
    const npm = await findNpm(environment);
    if (npm === undefined) throw new NpmError('npmMissing');
    const [os = '', cpu = ''] = platform.split('-');
    const flags = [
      '--ignore-scripts',
      '--omit=dev',
      '--prefer-offline',
      '--no-bin-links',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
    ];
    const target = [`--os=${npmSystems[os] ?? os}`, `--cpu=${cpu}`, '--loglevel=error', '--logs-max=0', `--prefix=${folder}`];
    const child = spawn(await runtime(), [guard, npm, 'ci', ...flags, ...target], {
      cwd: folder,
      env: cleanEnvironment(environment),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const listen = (piece: Buffer): void => {
      output = (output + piece.toString('utf8')).slice(-mostOutputCharacters);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      child.once('error', (error) => reject(new NpmError(error.message)));
      child.once('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
    });
    if (code === 0) return;
    if (signal !== null) throw new NpmError(`npm ended by ${signal}`);
    throw new NpmError(reasonOf(output), /ENOSPC|EDQUOT|no space left/i.test(output));
  };
}
