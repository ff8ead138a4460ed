import type { Log } from '../../../ports/request.ts';
import { firstCoreSteps, farmSteps, secondCoreSteps } from './core-steps.ts';
import { firstPageSteps, hostSteps } from './page-steps.ts';
import { returnSteps } from './return-steps.ts';
import type { Detail, Outcome } from './trial-results.ts';
import { atMost, failed, type Trial, type TrialStep } from './trial-step.ts';
import { windowSteps } from './window-steps.ts';

const steps: Readonly<Record<'first' | 'second', readonly TrialStep[]>> = {
  first: [...windowSteps, ...firstPageSteps, ...firstCoreSteps, ...hostSteps, ...farmSteps, ...returnSteps],
  // What matters once the program was ended and begun again.
  second: [...windowSteps.slice(0, 1), ...firstPageSteps, ...secondCoreSteps],
};

const lookForQuitMs = 200;
/** A step that was told to give up gets so long to say what it waited for. */
const graceMs = 5000;

/** What Electron knows of the computer. Never throws: a trial on an odd computer is worth most. */
function factsOf({ electron, language }: Trial): Detail {
  const fact = (look: () => string): string => {
    try {
      return look();
    } catch (error) {
      return String(error);
    }
  };
  const { versions, arch, execPath } = process;
  return {
    electron: versions['electron'] ?? '–',
    chromium: versions['chrome'] ?? '–',
    node: versions.node,
    arch,
    program: execPath,
    language,
    locale: fact(() => electron.app.getLocale()),
    displays: fact(() =>
      electron.screen
        .getAllDisplays()
        .map(({ size, workArea, scaleFactor }) => `${size.width}×${size.height} @${scaleFactor} (${workArea.width}×${workArea.height})`)
        .join(', '),
    ),
  };
}

/** Known only once the graphics process has told it. */
function laterFactsOf({ electron }: Trial): Detail {
  const status = Object.entries(electron.app.getGPUFeatureStatus());
  return { gpu: status.map(([name, value]) => `${name}: ${String(value)}`).join(', ') };
}

async function runStep(step: TrialStep, trial: Trial): Promise<Outcome> {
  const over = new AbortController();
  const limit = setTimeout(() => over.abort(), step.limitMs);
  try {
    return await atMost(step.limitMs + graceMs, () => step.run(trial, over.signal));
  } catch (error) {
    return failed({ problem: String(error).slice(0, 500), ...(over.signal.aborted ? { limitMs: step.limitMs } : {}) });
  } finally {
    clearTimeout(limit);
    over.abort();
  }
}

/**
 * Tries one step after another and writes down each as it ends; one that fails stops none. Then it waits to be told to end. Returns the disposer;
 * never throws. `chosen` is for tests.
 */
export function beginTrial(trial: Trial, log: Log, chosen: Partial<Record<'first' | 'second', readonly TrialStep[]>> = steps): () => void {
  const { results, electron } = trial;
  const list = chosen[results.life] ?? [];
  let isOver = false;
  const looking = setInterval(() => {
    if (results.takeQuit()) electron.app.quit();
  }, lookForQuitMs);
  const run = async (): Promise<void> => {
    results.write({ kind: 'begun', life: results.life, steps: list.map(({ name }) => name), facts: factsOf(trial) });
    for (const step of list) {
      if (isOver) return;
      const startedMs = performance.now();
      const outcome = await runStep(step, trial);
      if (isOver) return;
      results.write({ kind: 'step', step: step.name, ms: Math.round(performance.now() - startedMs), ...outcome });
    }
    results.write({ kind: 'done', facts: laterFactsOf(trial) });
  };
  run().catch((error: unknown) => log.bug(error));
  return () => {
    isOver = true;
    clearInterval(looking);
  };
}
