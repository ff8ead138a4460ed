import { untilPageLives } from './page-steps.ts';
import { failed, passed, soon, type Trial, type TrialStep, until } from './trial-step.ts';

/** A window over a demo farm loses something, and has it back. */
function contentsOf({ inside }: Trial) {
  const window = inside.window();
  if (window === undefined) throw new Error('there is no window');
  return window.webContents;
}

const reload: TrialStep = {
  name: 'reload',
  limitMs: 20_000,
  run: async (trial, signal) => {
    const before = trial.inside.linkCount();
    contentsOf(trial).reload();
    await untilPageLives(trial, signal, before);
    return passed({ ports: trial.inside.linkCount() - before });
  },
};

const renderer: TrialStep = {
  name: 'renderer',
  limitMs: 30_000,
  run: async (trial, signal) => {
    const before = trial.inside.linkCount();
    const contents = contentsOf(trial);
    let reason: string | undefined;
    contents.on('render-process-gone', (_event, gone) => {
      reason = gone.reason;
    });
    contents.forcefullyCrashRenderer();
    const why = await until(signal, () => reason);
    await untilPageLives(trial, signal, before);
    return passed({ reason: why });
  },
};

const core: TrialStep = {
  name: 'core',
  limitMs: 45_000,
  run: async (trial, signal) => {
    const { inside } = trial;
    const [before, killed] = [inside.linkCount(), inside.coreProcessId()];
    // The window would be held by whatever holds the core.
    if (killed === undefined) return failed({ problem: 'the core has no process of its own' });
    process.kill(killed, 'SIGKILL');
    await until(signal, () => {
      const now = inside.coreProcessId();
      return now !== undefined && now !== killed ? true : undefined;
    });
    const farm = await until(signal, async () => (await inside.client().settings.get(undefined, soon())).farm);
    const { freshness } = await untilPageLives(trial, signal, before);
    return farm.isDemo ? passed({ farm: 'there', freshness }) : failed({ farm: 'another' });
  },
};

const secondStart: TrialStep = {
  name: 'secondStart',
  limitMs: 30_000,
  run: async (trial, signal) => {
    const window = trial.inside.window();
    if (window === undefined) throw new Error('there is no window');
    let isTold = false;
    trial.electron.app.on('second-instance', () => {
      isTold = true;
    });
    window.minimize();
    // Not every system tells, and none at once.
    const wasMinimized = await until(AbortSignal.any([signal, AbortSignal.timeout(2000)]), () => window.isMinimized() || undefined).catch(
      () => false,
    );
    trial.results.write({ kind: 'asks', what: 'second-start' });
    const askedMs = performance.now();
    await until(signal, () => (isTold && window.isVisible() && !window.isMinimized() ? true : undefined));
    return passed({ wasMinimized, msUntilShown: Math.round(performance.now() - askedMs) });
  },
};

export const returnSteps: readonly TrialStep[] = [reload, renderer, core, secondStart];
