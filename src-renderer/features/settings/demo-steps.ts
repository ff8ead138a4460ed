import type { LiveSnapshot } from '#contract/api/monitoring.ts';

export type DemoStep = LiveSnapshot['state']['demoStep'];
/** In the order in which they come. */
export const demoOrder = ['authorities', 'agents', 'pairing', 'certificate', 'packages'] as const satisfies readonly DemoStep[];
export type DemoPhase = 'done' | 'now' | 'waiting' | 'failed';

/** The phase of every step, from the step that the core is in. `last`: the newest step before a failure. */
export function demoPhases(
  step: DemoStep,
  last: DemoStep,
): readonly { readonly id: (typeof demoOrder)[number]; readonly phase: DemoPhase }[] {
  const at = demoOrder.findIndex((known) => known === (step === 'failed' ? last : step));
  return demoOrder.map((id, index) => {
    if (step === 'ready') return { id, phase: 'done' };
    if (step === 'failed' && index === Math.max(0, at)) return { id, phase: 'failed' };
    if (index < at) return { id, phase: 'done' };
    return { id, phase: index === at && step !== 'failed' ? 'now' : 'waiting' };
  });
}
