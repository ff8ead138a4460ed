import * as z from 'zod';
import { language } from '#contract/ids.ts';
import type { Log } from '../../ports/request.ts';
import type { RunningDesktop } from './desktop.ts';
import type { ElectronParts } from './electron-parts.ts';

type Opened = RunningDesktop | undefined;
type Act = (running: RunningDesktop) => void;
type Surroundings = {
  readonly system: 'windows' | 'mac' | 'other';
  readonly appImage: string | undefined;
  /** The words that this program was started with. */
  readonly programWords: readonly string[];
  readonly log: Log;
};
/** What a second start says of itself. */
const told = z.object({ isDemo: z.boolean(), language: z.string().optional() });

/**
 * From the first opening to the end of the program: shows itself when it is asked again, and closes the core before it ends, however early it is told
 * to. Who starts it again while it is closing gets a window anew, over a core that was opened anew. Resolves when the first opening is under way.
 */
export async function liveOn(
  { app, powerMonitor }: Pick<ElectronParts, 'app' | 'powerMonitor'>,
  { system, appImage, programWords, log }: Surroundings,
  open: () => Promise<Opened>,
): Promise<void> {
  type State =
    | { readonly kind: 'open' }
    | { readonly kind: 'closing'; wanted: Act | undefined }
    | { readonly kind: 'ended'; isWantedAgain: boolean };
  let state: State = { kind: 'open' };
  const openNow = (): Promise<Opened> =>
    open().catch((error: unknown) => {
      log.bug(error);
      return undefined;
    });

  const show = (act: Act, words: readonly string[]): void => {
    if (state.kind === 'open') void opened.then((running) => running !== undefined && act(running));
    else if (state.kind === 'closing') state.wanted = act;
    else if (!state.isWantedAgain) {
      // Too late to stay: the next one begins when this one has gone, once however often it is asked. An AppImage's own path goes with its mount. Of a
      // word that stands twice the last counts.
      const args = words.length === 0 ? {} : { args: [...programWords, ...words] };
      app.relaunch({ ...args, ...(appImage === undefined ? {} : { execPath: appImage }) });
      state.isWantedAgain = true;
    }
  };
  app.on('activate', () => show((running) => running.show(), []));
  app.on('second-instance', (_event, _words, _folder, said) => {
    const options = told.safeParse(said).data;
    const asked = language.safeParse(options?.language).data;
    const isDemo = options?.isDemo === true;
    const words = [...(isDemo ? ['--demo'] : []), ...(asked === undefined ? [] : [`--language=${asked}`])];
    show((running) => {
      running.show(asked);
      if (isDemo) running.startDemo(asked ?? 'en');
    }, words);
  });
  app.on('window-all-closed', () => {
    if (system !== 'mac') app.quit();
  });

  const close = async (running: Opened): Promise<void> => {
    await running?.close().catch((error: unknown) => log.bug(error));
    if (state.kind === 'closing' && state.wanted !== undefined) {
      const { wanted } = state;
      state = { kind: 'open' };
      opened = openNow();
      void opened.then((again) => again !== undefined && wanted(again));
      return;
    }
    state = { kind: 'ended', isWantedAgain: false };
    app.quit();
  };
  app.on('before-quit', (event) => {
    if (state.kind === 'ended') return;
    event.preventDefault();
    if (state.kind === 'closing') return;
    state = { kind: 'closing', wanted: undefined };
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
