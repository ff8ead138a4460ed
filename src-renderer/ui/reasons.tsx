import type { ReactNode } from 'react';
import { RadioGroup } from './radio-group.tsx';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import { classNames } from './class-names.ts';
import './styles/choice-cards.css';
import './styles/reasons.css';

export interface Reason {
  id: string;
  name: string;
  /* One everyday sentence: "Best: 41 % of memory is free at its busiest hour". */
  says: ReactNode;
  /* Present = impossible; the mark of what stands against it. */
  notBecause?: State;
}

export interface ReasonsProps {
  /* Chosen first, impossible ones last: the order is the caller's. */
  reasons: readonly Reason[];
  value: string | null;
  onChange: (id: string) => void;
  labelledBy?: string;
  label?: string;
}

export function Reasons({ reasons, value, onChange, labelledBy, label }: ReasonsProps) {
  return (
    <RadioGroup
      className="reasons"
      {...(labelledBy !== undefined && { labelledBy })}
      {...(label !== undefined && { label })}
      value={value}
      onChange={onChange}
      entries={reasons.map((reason) => ({
        id: reason.id,
        isOff: reason.notBecause !== undefined,
        className: classNames('reason-row', reason.notBecause !== undefined && 'is-no', reason.id === value && 'is-chosen'),
        content: (
          <>
            {reason.notBecause === undefined ? <span className="radio" /> : <StateMark state={reason.notBecause} />}
            <b>{reason.name}</b>
            <span className="reason-says">{reason.says}</span>
          </>
        ),
      }))}
    />
  );
}
