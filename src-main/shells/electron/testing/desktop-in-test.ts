import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { chooseDesktop, type Desktop } from '../../choose-desktop.ts';
import { type DesktopSurroundings, runDesktop } from '../run-desktop.ts';
import { createElectronStandIn, type ElectronStandIn, type StandInWindow, type StandInWorld } from './electron-stand-in.ts';

export const linuxDesktop: Desktop = { ...chooseDesktop(), system: 'other' };

/** The whole desktop program on the stand-in, with a home in a folder of its own. `end` lets all go and removes the folder. */
export class DesktopInTest {
  readonly folder = mkdtempSync(join(tmpdir(), 'farm-desktop-'));
  readonly home = join(this.folder, 'home');
  readonly reports: [reference: string, error: unknown][] = [];
  lateError: (error: unknown) => void = () => undefined;
  electron: ElectronStandIn = this.restart();

  constructor() {
    mkdirSync(join(this.folder, 'app', 'dist', 'window'), { recursive: true });
    writeFileSync(join(this.folder, 'app', 'dist', 'window', 'index.html'), '<!doctype html>');
  }

  /** An Electron that begins again, as after a restart of the program. */
  restart(change: Partial<StandInWorld> = {}): ElectronStandIn {
    this.electron = createElectronStandIn({ appPath: join(this.folder, 'app'), ...change });
    return this.electron;
  }

  around(change: Partial<DesktopSurroundings> = {}): DesktopSurroundings {
    return {
      words: ['--home', this.home],
      programWords: ['/app', '--home', this.home],
      environment: { LANG: 'en_GB.UTF-8' },
      desktop: linuxDesktop,
      personFolder: this.folder,
      operatorName: 'Anna',
      resourcesPath: join(this.folder, 'resources'),
      report: (...report) => void this.reports.push(report),
      onLateError: (take) => {
        this.lateError = take;
      },
      ...change,
    };
  }

  /** Electron gets ready only after the program has run to its first pause. */
  run(change: Partial<DesktopSurroundings> = {}): Promise<void> {
    const running = runDesktop(this.electron.parts, this.around(change));
    this.electron.makeReady();
    return running;
  }

  /** The same, until the core is open and its window there. */
  async runOpen(change: Partial<DesktopSurroundings> = {}): Promise<StandInWindow> {
    await this.run(change);
    await vi.waitFor(() => expect(existsSync(join(this.home, 'link.json'))).toBe(true), 10_000);
    const window = this.electron.windows.at(-1);
    if (window === undefined) throw new Error('no window');
    return window;
  }

  /** Chromium does not give the lock of the folder: by its file (`<host>-<process>`) that one has it. */
  lockedBy(holder: string): void {
    this.electron.world.isFirst = false;
    mkdirSync(join(this.home, '.desktop'), { recursive: true });
    symlinkSync(holder, join(this.home, '.desktop', 'SingletonLock'));
  }

  log(): string {
    return readFileSync(join(this.home, '.desktop', 'desktop.log'), 'utf8');
  }

  hasEnded(): boolean {
    return this.electron.callsOf('ended').length > 0;
  }

  async quit(): Promise<void> {
    if (this.hasEnded() || this.electron.callsOf('exit').length > 0 || this.electron.cores.length === 0) return;
    this.electron.parts.app.quit();
    await vi.waitFor(() => expect(this.hasEnded()).toBe(true), 5000);
  }

  async end(): Promise<void> {
    await this.quit();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
