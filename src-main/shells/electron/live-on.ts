import * as z from 'zod';
import { language } from '#contract/ids.ts';
import type { Log } from '../../ports/request.ts';
import type { RunningDesktop } from './desktop.ts';
import type { ElectronParts } from './electron-parts.ts';

type Opened = RunningDesktop | undefined;
/** What a second start says of itself. */
const told = z.object({ isDemo: z.boolean(), language: z.string().optional() });

/**
 * From the first opening to the end of the program: shows itself when it is asked again, and closes the core before it ends, however early it is told
 * to. Who starts it again while it is closing gets a window anew, over a core that was opened anew. Resolves when the first opening is under way.
 */
export async function liveOn(
  { app, powerMonitor }: Pick<ElectronParts, 'app' | 'powerMonitor'>,
  { system, appImage, log }: { readonly system: 'windows' | 'mac' | 'other'; readonly appImage: string | undefined; readonly log: Log },
  open: () => Promise<Opened>,
): Promise<void> {
  type State =
    | { readonly kind: 'open' }
    | { readonly kind: 'closing'; isWantedAgain: boolean }
    | { readonly kind: 'ended'; isWantedAgain: boolean };
  let state: State = { kind: 'open' };
  const openNow = (): Promise<Opened> =>
    open().catch((error: unknown) => {
      log.bug(error);
      return undefined;
    });

  const show = (act: (running: RunningDesktop) => void): void => {
    // Too late to stay: the next one begins when this one has gone, once however often it is asked. An AppImage's own path goes with its mount.
    if (state.kind === 'ended' && !state.isWantedAgain) app.relaunch(appImage === undefined ? {} : { execPath: appImage });
    if (state.kind !== 'open') state.isWantedAgain = true;
    if (state.kind === 'open') void opened.then((running) => running !== undefined && act(running));
  };
  app.on('activate', () => show((running) => running.show()));
  app.on('second-instance', (_event, _words, _folder, said) => {
    const wish = told.safeParse(said).data;
    show((running) => {
      running.show(language.safeParse(wish?.language).data);
      if (wish?.isDemo === true) running.startDemo(language.safeParse(wish.language).data ?? 'en');
    });
  });
  app.on('window-all-closed', () => {
    if (system !== 'mac') app.quit();
  });

  const close = async (running: Opened): Promise<void> => {
    await running?.close().catch((error: unknown) => log.bug(error));
    if (state.kind === 'closing' && state.isWantedAgain) {
      state = { kind: 'open' };
      opened = openNow();
      return;
    }
    state = { kind: 'ended', isWantedAgain: false };
    app.quit();
  };
  app.on('before-quit', (event) => {
    if (state.kind === 'ended') return;
    event.preventDefault();
    if (state.kind === 'closing') return;
    state = { kind: 'closing', isWantedAgain: false };
    void opened.then(close);
  });
  let opened = openNow();
  // The system that goes down does not wait for us; the home bears a sudden end like any other.
  void app.whenReady().then(() => {
    powerMonitor.on('shutdown', () => {
      void opened.then((running) => running?.close());
      state = { kind: 'ended', isWantedAgain: false };
      app.quit();
    });
  });
  await opened;
}
