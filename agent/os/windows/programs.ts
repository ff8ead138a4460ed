import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Programs of Windows, by whole path and with arguments as an array: nothing passes a shell, and nothing is looked for in PATH. */
export type Programs = {
  /** What it printed; undefined when it failed, was not there, or took too long. */
  readonly ask: (program: string, args: readonly string[]) => string | undefined;
  /** The same without anybody waiting. */
  readonly askLater: (program: string, args: readonly string[]) => Promise<string | undefined>;
  /** True when it ended with 0. */
  readonly run: (program: string, args: readonly string[]) => Promise<boolean>;
};

const longestMs = 10_000;

/** Sockets and DNS fail without SystemRoot. */
export const systemRoot = (): string => process.env['SystemRoot'] ?? 'C:\\Windows';
export const system32 = (program: string): string => join(systemRoot(), 'System32', program);
export const powerShell = (): string => join(systemRoot(), 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');

export const realPrograms: Programs = {
  ask: (program, args) => {
    try {
      return execFileSync(program, [...args], {
        encoding: 'utf8',
        windowsHide: true,
        timeout: longestMs,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return undefined;
    }
  },
  askLater: (program, args) =>
    new Promise((resolve) => {
      execFile(program, [...args], { encoding: 'utf8', windowsHide: true, timeout: longestMs }, (error, out) =>
        resolve(error === null ? out : undefined),
      );
    }),
  run: (program, args) =>
    new Promise((resolve) => {
      execFile(program, [...args], { windowsHide: true, timeout: longestMs }, (error) => resolve(error === null));
    }),
};
