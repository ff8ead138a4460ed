import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import type { MarkState } from './types.ts';
import './styles/steps.css';

export type StepPhase = 'done' | 'now' | 'waiting' | 'failed' | 'undone' | 'paused';

export interface Step {
  id: string;
  phase: StepPhase;
  /* The phase's word for a screen reader. */
  word: string;
  title: ReactNode;
  /* "Waiting for Larch to confirm the new route. Usually under 2 s." */
  says?: ReactNode;
  duration?: ReactNode;
}

const markOf: Record<StepPhase, MarkState> = {
  done: 'good',
  now: 'working',
  waiting: 'waiting',
  failed: 'bad',
  undone: 'undone',
  paused: 'paused',
};

export function Steps({ label, steps }: { label: string; steps: readonly Step[] }) {
  return (
    <ol className="steps" aria-label={label}>
      {steps.map((step) => {
        const mark = markOf[step.phase];
        return (
          <li
            key={step.id}
            className={`step is-${step.phase}`}
            data-state={mark === 'waiting' || mark === 'undone' ? undefined : mark}
            aria-current={step.phase === 'now' ? 'step' : undefined}
          >
            <StateMark state={mark} />
            <b>
              {step.title}
              <span className="hidden-text">: {step.word}</span>
            </b>
            <span className="duration">{step.duration}</span>
            {step.says !== undefined && <p>{step.says}</p>}
          </li>
        );
      })}
    </ol>
  );
}
