import type { LiveSnapshot } from '#contract/api/monitoring.ts';
import type { DemoFailure } from '#contract/api/settings.ts';
import type { Failure } from '#contract/errors.ts';

type DemoStep = LiveSnapshot['state']['demoStep'];

export type DemoState = {
  readonly step: () => DemoStep;
  /** Why it failed, as long as it has: a window that is opened later must be able to say it too. */
  readonly failure: () => DemoFailure | undefined;
  readonly enter: (next: DemoStep) => void;
  readonly fail: (act: DemoFailure['act'], failure: Failure) => void;
};

/** Where the demo farm's start or removal is. It lives as long as the core: a core that starts again takes up what is half done. */
export function createDemoState(announce: (step: DemoStep) => void): DemoState {
  let step: DemoStep = 'none';
  let failed: DemoFailure | undefined;
  return {
    step: () => step,
    failure: () => failed,
    enter: (next) => {
      step = next;
      failed = undefined;
      announce(next);
    },
    fail: (act, failure) => {
      failed = { act, step, failure };
      step = 'failed';
      announce(step);
    },
  };
}
