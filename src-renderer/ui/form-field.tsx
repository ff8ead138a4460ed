import { type ReactNode, useId } from 'react';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import './styles/form-field.css';

/* What the line under a field says: a hint, or a state of what was typed. */
export interface FieldSays {
  text: ReactNode;
  state?: State | undefined;
}

export interface FieldIds {
  inputId: string;
  labelId: string;
  saysId: string;
  isBad: boolean;
}

export interface FormFieldProps {
  label: ReactNode;
  /* Small words beside the label: "optional". */
  note?: ReactNode;
  says?: FieldSays | undefined;
  /* group: the label names a radio group, so it is no <label for>. */
  kind?: 'input' | 'group';
  children: (ids: FieldIds) => ReactNode;
}

/* Label, control, and a line below that is always there, so nothing jumps when it speaks. Groups of choices rarely have
   anything to say: theirs appears only when it does. */
export function FormField({ label, note, says, kind = 'input', children }: FormFieldProps) {
  const id = useId();
  const ids = { inputId: `${id}input`, labelId: `${id}label`, saysId: `${id}says`, isBad: says?.state === 'bad' };
  const words = (
    <>
      {label}
      {note !== undefined && <small>{note}</small>}
    </>
  );
  return (
    <div className="field">
      {kind === 'input' ? (
        <label className="field-label" id={ids.labelId} htmlFor={ids.inputId}>
          {words}
        </label>
      ) : (
        <span className="field-label" id={ids.labelId}>
          {words}
        </span>
      )}
      {children(ids)}
      {(kind === 'input' || says !== undefined) && (
        <div className="field-says" id={ids.saysId} data-state={says?.state} aria-live="polite">
          {says?.state !== undefined && <StateMark state={says.state} />}
          {says !== undefined && <span>{says.text}</span>}
        </div>
      )}
    </div>
  );
}
